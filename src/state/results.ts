import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import { type Sha256, sha256 } from '../util/digest.ts'
import { Blobs, type Copied } from './blobs.ts'
import { type Extent, evict, extentOf, sizeOf } from './eviction.ts'
import { replaceFile } from './replace.ts'
import { type Trace, type TraceKey, Traces } from './traces.ts'

/** The cache of results: what tasks made from which facts, to be had again without running them. */
export class Results {
  private readonly disk: Disk
  private readonly blobs: Blobs
  private readonly traces: Traces
  private readonly staging: string
  /** Where the size of it all is noted, while nobody changes it. */
  private readonly sizeFile: string
  /** What was used since the lock was taken. */
  private readonly used = new Set<TraceKey>()
  private changed = false
  /** As far as it is known, in bytes. */
  private size: number | undefined

  constructor(disk: Disk, cache: string) {
    this.disk = disk
    this.blobs = new Blobs(disk, cache)
    this.traces = new Traces(disk, cache)
    this.staging = join(cache, 'restoring')
    this.sizeFile = join(cache, 'cached-size')
  }

  /** Under the lock: takes away what a lakitu was about to restore when it was killed. */
  open(): void {
    this.used.clear()
    this.changed = false
    this.disk.remove(this.staging)
  }

  /** The runs that are remembered, the last used first. */
  read(key: TraceKey): readonly Trace[] {
    return this.traces.read(key)
  }

  /** Remembers a run of which all blobs are kept, or that one was used. */
  put(key: TraceKey, trace: Trace): void {
    this.change()
    this.used.add(key)
    this.grow(this.traces.put(key, trace))
  }

  /** Keeps what a file holds, if that is what it is said to hold; answers whether. */
  keep(hash: Sha256, file: string): boolean {
    this.change()
    const grown = this.blobs.keep(hash, file)
    if (grown === 'moved') return false
    this.grow(grown)
    return true
  }

  /** To a new file. */
  copy(hash: Sha256, to: string, mode: number): Copied {
    return this.blobs.copy(hash, to, mode)
  }

  /**
   * Hands over a new folder for copies that are not proved yet, and takes it away afterwards. It is not beside their places: a folder of
   * the project belongs to whoever lists it, maybe at this moment.
   */
  async withStage<T>(during: (stage: string) => Promise<T>): Promise<T> {
    const stage = join(this.staging, randomUUID())
    this.disk.makeFolder(stage)
    try {
      return await during(stage)
    } finally {
      this.disk.remove(stage)
    }
  }

  /**
   * Under the lock, before it is given back: where something was stored and the cache has grown over its limit, in bytes, what
   * was used longest ago goes, but nothing of what was used since the lock was taken. A disk that fails costs no more than that.
   */
  close(limit: number): void {
    if (!this.changed) return
    this.changed = false
    try {
      let size = this.size ?? sizeOf(this.disk, this.blobs, this.traces)
      if (size > limit) size = evict(this.disk, { blobs: this.blobs, traces: this.traces, limit, used: this.used })
      replaceFile(this.disk, this.sizeFile, `${size} ${sha256(String(size))}`)
    } catch {
      // Without the note the size is counted next time.
    }
  }

  extent(): Extent {
    return extentOf(this.disk, { blobs: this.blobs, traces: this.traces })
  }

  /** Under the lock: as at the end of a run that stored something. Answers how many bytes that won. */
  trim(limit: number): number {
    const before = this.extent().size
    this.change()
    this.close(limit)
    return before - this.extent().size
  }

  /** Before the first change: from here on the note does not hold, also not after a crash. */
  private change(): void {
    if (this.changed) return
    const [size = '', sum] = (this.disk.read(this.sizeFile)?.toString() ?? '').split(' ')
    this.size = sum === sha256(size) ? Number(size) : undefined
    this.disk.remove(this.sizeFile)
    this.changed = true
  }

  private grow(bytes: number): void {
    if (this.size !== undefined) this.size += bytes
  }
}
