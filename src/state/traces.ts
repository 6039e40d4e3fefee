import { join } from 'node:path'
import { type Fingerprint, fileFact, type PathFact } from '../model/facts.ts'
import type { RunRecord } from '../model/record.ts'
import type { Disk } from '../ports/disk.ts'
import { type Sha256, sha256, sha256Json } from '../util/digest.ts'
import { replaceFile } from './replace.ts'

/** What one run of a task discovered, and what it made. */
export interface Trace extends Pick<RunRecord, 'value' | 'outputs' | 'result' | 'at' | 'ms'> {
  readonly discovered: Readonly<Record<string, PathFact>>
  /** The texts of the links among the outputs. */
  readonly links: Readonly<Record<string, string>>
}

/** Raised when a trace changes its meaning: older ones are then as good as none. */
const format = 1
/** Kept under one fingerprint. */
const most = 16

/** Names a task's traces: the fingerprint of its declared facts, and the task, since facts do not tell two functions of one module apart. */
export type TraceKey = Sha256

export function traceKey(task: string, fingerprint: Fingerprint): TraceKey {
  return sha256Json({ format, task, fingerprint })
}

/** The runs that are remembered of each fingerprint of declared facts: a small file each, the last used run first. */
export class Traces {
  readonly folder: string
  private readonly disk: Disk

  constructor(disk: Disk, cache: string) {
    this.disk = disk
    this.folder = join(cache, 'traces')
  }

  place(key: TraceKey): string {
    return join(this.folder, key.slice(0, 2), key)
  }

  /** A file that is damaged, or another one's, is as good as none. */
  read(key: TraceKey): readonly Trace[] {
    const text = this.textOf(this.place(key))
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    if (end === -1 || text.slice(0, end) !== sumOf(key, body)) return []
    return JSON.parse(body)
  }

  /** The blobs that it takes to put one of these runs back. */
  names(key: TraceKey): ReadonlySet<Sha256> {
    const facts = this.read(key).flatMap(({ outputs }) => Object.values(outputs))
    return new Set(facts.flatMap((fact) => fileFact(fact)?.hash ?? []))
  }

  /** Puts this one first, in place of the one that discovered the same. Answers by how many bytes the file grew. */
  put(key: TraceKey, trace: Trace): number {
    const found = sha256Json(trace.discovered)
    const others = this.read(key).filter(({ discovered }) => sha256Json(discovered) !== found)
    const body = JSON.stringify([trace, ...others].slice(0, most))
    const before = this.disk.identity(this.place(key))?.size ?? 0
    const text = Buffer.from(`${sumOf(key, body)}\n${body}`)
    replaceFile(this.disk, this.place(key), text)
    return text.length - before
  }

  private textOf(path: string): string {
    try {
      return this.disk.read(path)?.toString() ?? ''
    } catch {
      return ''
    }
  }
}

/** Over the name too: a file that was put under another name does not hold there. */
function sumOf(key: TraceKey, body: string): Sha256 {
  return sha256(`${key}\n${body}`)
}
