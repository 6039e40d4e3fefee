import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { Sha256 } from '../util/digest.ts'
import { besideEnding } from './replace.ts'

/** Nobody writes to a blob; and what it holds may have been for its owner's eyes alone. */
const blobMode = 0o400

/** What came of a copy. Only what was `copied` is what its name says. */
export type Copied = 'copied' | 'evicted' | 'damaged'

/** The content of files, each once, under its own hash. */
export class Blobs {
  readonly folder: string
  private readonly disk: Disk

  constructor(disk: Disk, cache: string) {
    this.disk = disk
    this.folder = join(cache, 'blobs')
  }

  place(hash: Sha256): string {
    return join(this.folder, hash.slice(0, 2), hash)
  }

  /**
   * Keeps what a file holds, if that is what it is said to hold: `moved` where it is not. Bytes that were written: 0 where
   * it is kept already.
   */
  keep(hash: Sha256, file: string): number | 'moved' {
    const place = this.place(hash)
    if (this.disk.identity(place)) return 0
    this.disk.makeFolder(dirname(place))
    const beside = `${place}.${randomUUID().slice(0, 8)}${besideEnding}`
    try {
      if (this.disk.copy(file, beside, blobMode) !== hash) {
        this.disk.remove(beside)
        return 'moved'
      }
      const size = this.disk.identity(beside)?.size ?? 0
      this.disk.rename(beside, place)
      return size
    } catch (error) {
      this.disk.remove(beside)
      throw error
    }
  }

  /** Copies one to a new file, and proves it. One that does not hold what its name says is removed. */
  copy(hash: Sha256, to: string, mode: number): Copied {
    const place = this.place(hash)
    if (this.disk.identity(place)?.kind !== 'file') return 'evicted'
    if (this.disk.copy(place, to, mode) === hash) return 'copied'
    this.disk.remove(place)
    return 'damaged'
  }
}
