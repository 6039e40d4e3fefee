import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteLocks } from '../../../src/adapters/sqlite-lock.ts'
import type { LockOwner } from '../../../src/ports/locks.ts'
import { testFolder } from '../../support/folder.ts'

const me: LockOwner = { pid: process.pid, command: 'smoke', since: 1 }

/** Another process that tries to take the lock; resolves with it and what it got. */
async function other(folder: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const script = fileURLToPath(new URL('../../support/hold-lock.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [bytes] = await once(child.stdout, 'data')
  return { child, said: String(bytes).trim() }
}

describe('the lock of a work tree', () => {
  it('belongs to one at a time, within a process too', async () => {
    const folder = await testFolder()
    const first = sqliteLocks.take(folder, me)
    expect(first).toBeDefined()
    expect(sqliteLocks.take(folder, me)).toBeUndefined()
    expect((await other(folder)).said).toBe('refused')
    first?.release()
    const second = sqliteLocks.take(folder, me)
    expect(second).toBeDefined()
    second?.release()
  })

  it('that is damaged is refused with what to do, and is not replaced', async () => {
    const folder = await testFolder()
    writeFileSync(join(folder, 'lock'), 'x'.repeat(300))
    const error = (() => {
      try {
        return sqliteLocks.take(folder, me)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({ code: 'E_LOCK_DAMAGED', family: 'world', next: expect.stringContaining('remove it') })
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('x'.repeat(300))
  })

  it('says who has it', async () => {
    const folder = await testFolder()
    expect(sqliteLocks.owner(folder)).toBeUndefined()
    const { child, said } = await other(folder)
    expect(said).toBe('held')
    expect(sqliteLocks.take(folder, me)).toBeUndefined()
    expect(sqliteLocks.owner(folder)).toMatchObject({ pid: child.pid, command: 'apply' })
  })

  it('is free at once when its owner is killed', async () => {
    const folder = await testFolder()
    const { child } = await other(folder)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const held = sqliteLocks.take(folder, me)
    expect(held).toBeDefined()
    held?.release()
  })
})
