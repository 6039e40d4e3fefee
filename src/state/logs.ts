import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where a task's last log is. */
export function logPath(cache: string, task: string): string {
  return join(cache, 'logs', `${encodeURIComponent(task)}.log`)
}

/** The log of one run of a task; the end of it is kept for the error message. */
export class TaskLog {
  readonly path: string
  private readonly file: number
  private readonly last: string[] = []
  private open = true
  private broken = false

  constructor(path: string) {
    this.path = path
    mkdirSync(dirname(path), { recursive: true })
    this.file = openSync(path, 'w')
  }

  line(text: string): void {
    // A program that floods its output after its task ended has nowhere to write to.
    if (!this.open) return
    this.write(`${text}\n`)
    this.last.push(text)
    if (this.last.length > 60) this.last.splice(0, 30)
  }

  /** A full disk costs the rest of the log, not the task: what the task itself cannot write, it will say. */
  private write(text: string): void {
    if (this.broken) return
    try {
      writeSync(this.file, text)
    } catch {
      this.broken = true
    }
  }

  /** The last lines, at most `most`. */
  tail(most = 20): readonly string[] {
    return this.last.slice(-most)
  }

  close(): void {
    if (this.open) closeSync(this.file)
    this.open = false
  }
}
