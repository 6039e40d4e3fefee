import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import { replaceFile } from './replace.ts'

const length = 32

/** The key under which secrets stand in facts; undefined where there is none, or what is there is none. */
export function readKey(disk: Disk, durable: string): Buffer | undefined {
  const key = disk.read(place(durable))
  return key?.length === length ? key : undefined
}

/** Only under the lock. */
export function makeKey(disk: Disk, durable: string): Buffer {
  const key = randomBytes(length)
  replaceFile(disk, place(durable), key, { durable: true, mode: 0o600 })
  return key
}

function place(durable: string): string {
  return join(durable, 'key')
}
