import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inTheWay, LakituError } from '../model/error.ts'
import type { HeldLock, LockOwner, Locks } from '../ports/locks.ts'

/** The kernel holds the lock: a transaction on the file `lock` in the folder. */
export const sqliteLocks: Locks = { take, owner: ownerIn }

function take(durable: string, owner: LockOwner): HeldLock | undefined {
  makeFolder(durable)
  const file = join(durable, 'lock')
  const database = openDatabase(file)
  const release = () => database.close()
  try {
    database.exec('BEGIN EXCLUSIVE')
    // Only for the words of whoever waits; nothing is decided by it.
    writeFileSync(join(durable, 'owner'), JSON.stringify(owner))
  } catch (error) {
    release()
    if (isBusy(error)) return undefined
    throw asSystemError(error, file)
  }
  return { release }
}

function makeFolder(durable: string): void {
  try {
    mkdirSync(durable, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'EEXIST' ? inTheWay(durable) : error
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 })
  } catch (error) {
    throw asSystemError(error, file)
  }
}

/** SQLite's numbers: 5 and 6 mean that somebody else has the lock. */
function isBusy(error: unknown): boolean {
  return sqliteCode(error) === 5 || sqliteCode(error) === 6
}

/** What the disk refused to SQLite, or that the file is none of its own, as the system would have said it. */
function asSystemError(error: unknown, path: string): unknown {
  if (sqliteCode(error) === 11 || sqliteCode(error) === 26) return damagedLock(path, error)
  const code = { 8: 'EROFS', 13: 'ENOSPC', 14: whyNotOpened(path) }[sqliteCode(error) ?? 0]
  if (code === 'EISDIR') return damagedLock(path, error)
  if (code === undefined || !(error instanceof Error)) return error
  return Object.assign(new Error(`${code}: ${error.message}`, { cause: error }), { code, path })
}

/** SQLite says only that it could not open what it needs. The file itself is not opened: to close it would free the locks of this process. */
function whyNotOpened(path: string): string {
  const opened: number[] = []
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'EISDIR'
    // It needs one for the file, one for its journal and one for their folder.
    for (let n = 0; n < 3; n += 1) opened.push(openSync(dirname(path), 'r'))
    return 'EACCES'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'EACCES'
  } finally {
    for (const file of opened) closeSync(file)
  }
}

/** Not replaced by itself: another lakitu may hold a lock on that very file. */
function damagedLock(file: string, cause: unknown): LakituError {
  return new LakituError({
    code: 'E_LOCK_DAMAGED',
    headline: 'A lock file is damaged',
    facts: { file },
    next: `Make sure that no lakitu runs here, then remove it:  rm -r ${file}`,
    family: 'world',
    cause,
  })
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}

function ownerIn(durable: string): LockOwner | undefined {
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
