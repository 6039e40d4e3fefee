import { accessSync, constants, linkSync, mkdtempSync, realpathSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { nodeDisk } from '../../src/adapters/node-disk.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { diskView, failure, SimDisk } from '../torture/sim-disk.ts'
import { missingForDisk, smallDisk } from './mount.ts'
import { until } from './until.ts'

/** A disk with an empty folder on it, and what others than lakitu do there. */
export interface DiskWorld {
  readonly disk: Disk
  /** Absolute, behind no link. */
  readonly root: string
  /** Until whatever is done next gets times that are later, by more than a racy path needs. */
  later(): Promise<void>
  /** In ms. */
  setMtime(path: string, mtime: number): void
  /** Undefined where the disk has no hard links. */
  readonly hardLink: ((from: string, to: string) => void) | undefined
}

export interface DiskKind {
  readonly name: string
  /** Why it is not here. */
  readonly missing: string | undefined
  make(): DiskWorld
}

/** The disks on which the engine is tried and run: what holds on one must hold on all. */
export const disks: readonly DiskKind[] = [
  { name: 'the simulated disk', missing: undefined, make: simulated },
  { name: 'the disk for temporary files', missing: undefined, make: () => real(tmpdir()) },
  { name: 'a disk in memory', missing: missingFor('/dev/shm'), make: () => real('/dev/shm') },
]

/** The same when they are full after some 100 kB. */
export const smallDisks: readonly DiskKind[] = [
  { name: 'the simulated disk', missing: undefined, make: simulatedSmall },
  { name: 'a small disk in memory', missing: missingForDisk, make: () => world(realpathSync(smallDisk('100k'))) },
]

const root = '/folder'

function simulated(): DiskWorld {
  const time = { now: 1_700_000_000_000.5 }
  const simulation = new SimDisk({ now: () => time.now })
  simulation.makeFolder(root)
  return {
    disk: diskView(
      simulation,
      (_call, run) => run(),
      (length) => Math.min(length, 1000),
    ),
    root,
    later: async () => {
      time.now += 50
    },
    setMtime: (path, mtime) => simulation.setMtime(path, mtime),
    hardLink: undefined,
  }
}

function simulatedSmall(): DiskWorld {
  const made = simulated()
  const simulation = new SimDisk({ now: () => 1 })
  simulation.makeFolder(root)
  let calls = 0
  const disk = diskView(
    simulation,
    ({ name, path }, run) => {
      if ((name === 'write' || name === 'copy') && calls++ > 100) throw failure('ENOSPC', path)
      return run()
    },
    (length) => Math.min(length, 1000),
  )
  return { ...made, disk }
}

function missingFor(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return `${folder} cannot be written to: ${String(error)}`
  }
}

function real(parent: string): DiskWorld {
  const folder = mkdtempSync(join(realpathSync(parent), 'lakitu-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return world(folder)
}

function world(folder: string): DiskWorld {
  const stamp = join(folder, '..', `${folder.split('/').at(-1)}.stamp`)
  onTestFinished(() => rmSync(stamp, { force: true }))
  return {
    disk: nodeDisk,
    root: folder,
    later: async () => {
      const before = nodeDisk.touch(stamp)
      await until('the time of the file system to move', () => nodeDisk.touch(stamp) > before + 20)
    },
    setMtime: (path, mtime) => utimesSync(path, mtime / 1000, mtime / 1000),
    hardLink: (from, to) => linkSync(from, to),
  }
}

/** The code of the error that it throws, or that it is done. */
export function codeOf(act: () => unknown): unknown {
  try {
    act()
    return 'done'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}
