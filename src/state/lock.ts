import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface LockOwner {
  readonly pid: number
  /** What it was told to do. */
  readonly command: string
  /** Since when, in ms since the epoch. */
  readonly since: number
}

export interface HeldLock {
  release(): void
}

/**
 * The one writer of a work tree. The kernel holds the lock (a transaction on `.lakitu/lock`), so it is free at once when its
 * owner dies, and no file has to be judged by age or pid. Undefined where somebody else has it.
 */
export function tryLock(durable: string, owner: LockOwner): HeldLock | undefined {
  mkdirSync(durable, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(durable, 'lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6)) return undefined
    throw error
  }
  // Only for the words of whoever waits; nothing is decided by it.
  writeFileSync(join(durable, 'owner'), JSON.stringify(owner))
  return {
    release: () => {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}

/** Who holds the lock, as far as it said. */
export function lockOwner(durable: string): LockOwner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(durable, 'owner'), 'utf8'))
    return isOwner(owner) ? owner : undefined
  } catch {
    // Written this very moment, or never: the wait goes on without a name.
    return undefined
  }
}

function isOwner(thing: unknown): thing is LockOwner {
  return typeof thing === 'object' && thing !== null && 'pid' in thing && 'command' in thing && 'since' in thing
}
