import { createCipheriv } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { gotHttp } from '../../src/adapters/http/got.ts'
import type { Downloaded, DownloadOptions } from '../../src/ports/http.ts'
import { parseSha256, type Sha256 } from '../../src/util/digest.ts'
import { testFolder } from './folder.ts'
import { type Mirror, type MirrorOptions, startMirror, sumOf } from './mirror.ts'

/** The sum of some content, as the port wants it. */
export function digestOf(content: string | Uint8Array): Sha256 {
  return parseSha256(sumOf(content)) ?? never()
}

function never(): never {
  throw new Error('no sum')
}

/** Bytes that nothing can pack, the same each time. */
export function noise(size: number, seed = 1): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** Where a test downloads to, again and again. */
export interface Place {
  readonly into: string
  /** The waits before other attempts of the last download, in ms. */
  readonly waits: readonly number[]
  readonly seen: (readonly [done: number, total: number | undefined, rate: number])[]
  get(url: string, options?: Partial<DownloadOptions>): Promise<Downloaded | 'unchanged'>
  /** The names in the folder. */
  left(): Promise<readonly string[]>
  content(): Promise<Buffer>
}

export async function place(
  http?: (pause: (ms: number) => Promise<void>) => ReturnType<typeof gotHttp>,
): Promise<Place> {
  const folder = await testFolder()
  const into = join(folder, 'deep', 'file')
  const waits: number[] = []
  const seen: Place['seen'] = []
  const pause = async (ms: number) => void waits.push(ms)
  const adapter = http?.(pause) ?? gotHttp({ pause, random: () => 0.5, environment: {} })
  return {
    into,
    waits,
    seen,
    get: (url, options = {}) => {
      waits.length = 0
      seen.length = 0
      return adapter.download(url, {
        into,
        maxSize: 100_000_000,
        connectTimeout: 2000,
        silenceTimeout: 2000,
        signal: new AbortController().signal,
        onProgress: (...progress) => void seen.push(progress),
        ...options,
      })
    },
    left: async () => (await readdir(folder, { recursive: true })).filter((name) => name !== 'deep').sort(),
    content: () => readFile(into),
  }
}

/** A mirror for the tests of a file, which begins each of them as if nobody had asked for anything. */
export function useMirror(options?: MirrorOptions): () => Mirror {
  let mirror: Mirror | undefined
  beforeAll(async () => {
    mirror = await startMirror(options)
  })
  beforeEach(() => mirror?.forget())
  afterAll(() => mirror?.close())
  return () => mirror ?? never()
}
