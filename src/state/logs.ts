import { dirname, join } from 'node:path'
import type { Disk, OpenFile } from '../ports/disk.ts'
import { sha256 } from '../util/digest.ts'
import { makeFolder } from './folders.ts'

/** In bytes: file systems take 255. */
const longestName = 200

/** Where a task's last log is. */
export function logPath(cache: string, task: string): string {
  const name = encodeURIComponent(task)
  // A part of an escape at the cut does no harm: the digest tells such names apart.
  const short = name.length > longestName ? `${name.slice(0, longestName - 65)}-${sha256(task)}` : name
  return join(cache, 'logs', `${short}.log`)
}

/** The log of one run of a task; the end of it is kept for the error message. */
export class TaskLog {
  readonly path: string
  private readonly file: OpenFile
  private length = 0
  private readonly last: string[] = []
  private open = true
  private broken = false
  private readonly mask: (line: string) => string

  /** `mask` takes out of each line what must not be seen. */
  constructor(disk: Disk, path: string, mask: (line: string) => string = (line) => line) {
    this.mask = mask
    this.path = path
    makeFolder(disk, dirname(path))
    this.file = disk.open(path, 'empty')
  }

  line(line: string): void {
    // A program that floods its output after its task ended has nowhere to write to.
    if (!this.open) return
    const text = this.mask(line)
    this.write(`${text}\n`)
    this.last.push(text)
    if (this.last.length > 60) this.last.splice(0, 30)
  }

  /** A full disk costs the rest of the log, not the task: what the task itself cannot write, it will say. */
  private write(text: string): void {
    if (this.broken) return
    try {
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length; ) done += this.file.write(bytes.subarray(done), this.length + done)
      this.length += bytes.length
    } catch {
      this.broken = true
    }
  }

  /** The last lines, at most `most`. */
  tail(most = 20): readonly string[] {
    return this.last.slice(-most)
  }

  close(): void {
    if (this.open) this.file.close()
    this.open = false
  }
}
