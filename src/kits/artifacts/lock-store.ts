import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Lock, lockPath, lockText, parseLock } from './lock-file.ts'

/** The lock as it is on the disk now; undefined where there is none. Errors: those of `parseLock`. */
export function lockOnDisk(root: string): Lock | undefined {
  const text = textOf(root, lockPath)
  return text === undefined ? undefined : parseLock(text)
}

/** undefined where nothing is. */
export function textOf(root: string, path: string): string | undefined {
  try {
    return readFileSync(resolve(root, path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export function writeLock(root: string, lock: Lock): void {
  write(root, lockPath, lockText(lock))
}

/** Whole or not at all: beside it first, then renamed. Untouched where it says that already. */
export function write(root: string, path: string, text: string): void {
  if (textOf(root, path) === text) return
  const beside = join(root, `${path}.${process.pid}.part`)
  writeFileSync(beside, text)
  renameSync(beside, join(root, path))
}
