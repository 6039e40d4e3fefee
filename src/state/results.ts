import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { Sha256 } from '../util/digest.ts'
import { Blobs, type Copied } from './blobs.ts'
import { type Trace, type TraceKey, Traces } from './traces.ts'

/** The cache of results: what tasks made from which facts, to be had again without running them. */
export class Results {
  private readonly disk: Disk
  private readonly blobs: Blobs
  private readonly traces: Traces
  private readonly staging: string

  constructor(disk: Disk, cache: string) {
    this.disk = disk
    this.blobs = new Blobs(disk, cache)
    this.traces = new Traces(disk, cache)
    this.staging = join(cache, 'restoring')
  }

  /** Under the lock: takes away what a lakitu was about to restore when it was killed. */
  open(): void {
    this.disk.remove(this.staging)
  }

  /** The runs that are remembered, the last used first. */
  read(key: TraceKey): readonly Trace[] {
    return this.traces.read(key)
  }

  /** Remembers a run of which all blobs are kept, or that one was used. */
  put(key: TraceKey, trace: Trace): void {
    this.traces.put(key, trace)
  }

  /** Keeps what a file holds, if that is what it is said to hold; answers whether. */
  keep(hash: Sha256, file: string): boolean {
    return this.blobs.keep(hash, file) !== 'moved'
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
}
