import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { LakituError } from '../model/error.ts'
import type { Entry } from '../model/record.ts'
import { fileHeader, frame, readFrames } from './frames.ts'

export interface ReadJournal {
  readonly entries: readonly Entry[]
  /** Bytes that hold. */
  readonly length: number
  readonly damaged: boolean
}

/** Reads without changing a byte. Error: E_NEWER_STATE. */
export function readJournal(path: string): ReadJournal {
  const bytes = readIfThere(path)
  const read = readFrames(bytes)
  switch (read.state) {
    case 'good':
      return { entries: read.entries as Entry[], length: read.length, damaged: false }
    case 'damaged':
      return { entries: [], length: 0, damaged: true }
    case 'newer':
      throw new LakituError({
        code: 'E_NEWER_STATE',
        headline: 'The state of this project was written by a newer lakitu',
        facts: { file: path, format: String(read.format) },
        next: 'Use that version of lakitu, or remove the file: everything then runs once more.',
        family: 'usage',
      })
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Moves a damaged journal out of the way and answers its new name, which nothing had before. */
export function setAside(path: string): string {
  let aside = `${path}.damaged`
  for (let n = 2; existsSync(aside); n += 1) aside = `${path}.damaged-${n}`
  renameSync(path, aside)
  return aside
}

/** Appends entries; only under the lock. */
export class JournalWriter {
  private readonly file: number
  private length: number

  /** Cuts a torn tail off; `keep` is the length that holds. */
  constructor(path: string, keep: number) {
    mkdirSync(dirname(path), { recursive: true })
    this.file = openSync(path, keep === 0 ? 'w' : 'r+')
    this.length = keep
    if (keep === 0) this.write(fileHeader())
    else ftruncateSync(this.file, keep)
  }

  /** `durable`: on the disk itself before this returns. A write that fails half-way is taken back. */
  append(entry: Entry, durable: boolean): void {
    this.write(frame(entry))
    if (durable) fsyncSync(this.file)
  }

  close(): void {
    closeSync(this.file)
  }

  /** One call of the system, which may write less than it was given. */
  protected put(bytes: Buffer, offset: number, length: number, position: number): number {
    return writeSync(this.file, bytes, offset, length, position)
  }

  private write(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += this.put(bytes, done, bytes.length - done, this.length + done)
      }
      this.length += bytes.length
    } catch (error) {
      ftruncateSync(this.file, this.length)
      throw error
    }
  }
}

/** Writes a journal anew with only these entries; readers see the old file or the new. */
export function rewriteJournal(path: string, entries: readonly Entry[]): number {
  const beside = `${path}.new`
  const bytes = Buffer.concat([fileHeader(), ...entries.map(frame)])
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(beside, 'w')
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  return bytes.length
}
