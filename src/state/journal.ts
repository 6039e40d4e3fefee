import { LakituError } from '../model/error.ts'
import type { Entry } from '../model/record.ts'
import type { Disk, OpenFile } from '../ports/disk.ts'
import { fileHeader, frame, readFrames } from './frames.ts'
import { replaceFile } from './replace.ts'

export interface ReadJournal {
  readonly entries: readonly Entry[]
  /** Bytes that hold. */
  readonly length: number
  readonly damaged: boolean
}

/** Reads without changing a byte. Error: E_NEWER_STATE. */
export function readJournal(disk: Disk, path: string): ReadJournal {
  // What is no file at all is damaged, too.
  if (disk.identity(path)?.kind === 'folder') return { entries: [], length: 0, damaged: true }
  const bytes = disk.read(path) ?? Buffer.alloc(0)
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

/** Moves a damaged journal out of the way and answers its new name, which nothing had before. */
export function setAside(disk: Disk, path: string): string {
  let aside = `${path}.damaged`
  for (let n = 2; disk.identity(aside); n += 1) aside = `${path}.damaged-${n}`
  disk.rename(path, aside)
  return aside
}

/** Appends entries; only under the lock. */
export class JournalWriter {
  private readonly file: OpenFile
  private length: number
  /** Behind the length lies a part of an entry that could not be taken back. */
  private isTorn = false

  /** The journal must be there. Cuts a torn tail off; `keep` is the length that holds. */
  constructor(disk: Disk, path: string, keep: number) {
    this.file = disk.open(path, 'keep')
    this.length = keep
    this.file.truncate(keep)
  }

  /** `durable`: on the disk itself before this returns. A write that fails half-way is taken back. */
  append(entry: Entry, durable: boolean): void {
    const bytes = frame(entry)
    if (this.isTorn) this.takeBack()
    try {
      for (let done = 0; done < bytes.length; ) done += this.file.write(bytes.subarray(done), this.length + done)
    } catch (error) {
      this.isTorn = true
      this.takeBack()
      throw error
    }
    this.length += bytes.length
    if (durable) this.file.sync()
  }

  private takeBack(): void {
    this.file.truncate(this.length)
    this.isTorn = false
  }

  close(): void {
    this.file.close()
  }
}

/** Writes a journal anew with only these entries; readers see the old file or the new. Answers its length. */
export function rewriteJournal(disk: Disk, path: string, entries: readonly Entry[]): number {
  const bytes = Buffer.concat([fileHeader(), ...entries.map(frame)])
  replaceFile(disk, path, bytes, { durable: true })
  return bytes.length
}
