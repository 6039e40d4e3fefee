import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteLocks } from '../../../src/adapters/sqlite-lock.ts'
import type { LockOwner, Locks } from '../../../src/ports/locks.ts'
import { type DiskKind, disks } from '../../support/disks.ts'
import { random } from '../../support/random.ts'
import { Machine, noTrouble } from '../../torture/machine.ts'

interface World {
  readonly locks: Locks
  /** Where the state of a tree is; not made yet. */
  readonly folder: string
  /** Permission bits. */
  modeOf(path: string): number | undefined
  /** Runs as a lakitu does. */
  inside(work: () => Promise<void>): Promise<void>
  /** Somebody takes the lock, and is killed while it has it. */
  dieHolding(meanwhile: () => void): Promise<void>
}

const me: LockOwner = { pid: 12, command: 'apply', since: 7 }

function simulated(): World {
  const machine = new Machine(random(1), 0)
  const folder = '/tree/.lakitu'
  return {
    locks: machine.locks,
    folder,
    modeOf: (path) => machine.disk.identity(path)?.mode,
    inside: async (work) => void (await machine.drive(noTrouble, work)),
    dieHolding: async (meanwhile) => {
      const ended = await machine.drive({ ...noTrouble, killAt: 3 }, async () => {
        expect(machine.locks.take(folder, me)).toBeDefined()
        meanwhile()
        machine.locks.take(folder, me)
        return 'lived on'
      })
      expect(ended).toBeUndefined()
    },
  }
}

function real(kind: DiskKind): World {
  const { disk, root } = kind.make()
  const folder = join(root, '.lakitu')
  return {
    locks: sqliteLocks,
    folder,
    modeOf: (path) => disk.identity(path)?.mode,
    inside: (work) => work(),
    dieHolding: async (meanwhile) => {
      const child = await holder(folder)
      meanwhile()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function holder(folder: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../../support/hold-lock.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe('held')
  return child
}

const worlds = disks.map((kind, i) => ({
  name: i === 0 ? 'the simulated machine' : kind.name,
  missing: kind.missing,
  make: i === 0 ? simulated : () => real(kind),
}))

describe.each(worlds)('the lock of a tree on $name', ({ missing, make }) => {
  const on = (what: string, test: (world: World) => Promise<void>) =>
    it.skipIf(missing !== undefined)(missing === undefined ? what : `${what} (${missing})`, async () => test(make()))

  on('is had by one, refused to a second, and free again when it is given back', ({ locks, folder, inside }) =>
    inside(async () => {
      const first = locks.take(folder, me)
      expect(first).toBeDefined()
      for (let i = 0; i < 3; i += 1) expect(locks.take(folder, { ...me, pid: 13 })).toBeUndefined()
      expect(locks.owner(folder)).toEqual(me)
      first?.release()
      const second = locks.take(folder, { ...me, pid: 13 })
      expect(second).toBeDefined()
      expect([locks.take(folder, me), locks.owner(folder)?.pid]).toEqual([undefined, 13])
      second?.release()
    }),
  )

  on('makes its folder for the owner alone', async ({ locks, folder, inside, modeOf }) => {
    await inside(async () => locks.take(folder, me)?.release())
    expect(modeOf(folder)).toBe(0o700)
  })

  on('nobody has it whom nobody has given it', ({ locks, folder, inside }) =>
    inside(async () => {
      expect(locks.owner(folder)).toBeUndefined()
    }),
  )

  on('is free when its owner is killed, and not before', async ({ locks, folder, inside, dieHolding }) => {
    await dieHolding(() => expect(locks.take(folder, me)).toBeUndefined())
    await inside(async () => {
      const held = locks.take(folder, me)
      expect(held).toBeDefined()
      held?.release()
    })
  })
})
