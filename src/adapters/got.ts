import { mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type * as Got from 'got'
import { LakituError } from '../model/error.ts'
import type { DownloadOptions, Http, Validator } from '../ports/http.ts'
import { sha256Stream } from '../util/digest.ts'
import { isPassing, transferError } from './got-errors.ts'

const textTimeouts = { connectTimeout: 10_000, silenceTimeout: 30_000 }
/** Waits before the second, third and fourth attempt, in ms. */
const backOff = [500, 1500, 4000]

interface Limits {
  readonly maxSize: number
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly signal: AbortSignal
  /** Whether a content encoding is undone on the way; a download's sum is that of the bytes as they lie on the server. */
  readonly decompress: boolean
  readonly onProgress?: DownloadOptions['onProgress']
  readonly headers?: Readonly<Record<string, string>>
}

export interface GotOptions {
  /** Waits before another attempt; tests give one that does not. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Reads from web servers with got, which is loaded by the first request. */
export function gotHttp(options: GotOptions = {}): Http {
  const { pause = (ms, signal) => sleep(ms, undefined, { signal }) } = options

  /** Attempts until it works, or the failure is none that passes by itself. */
  async function persistently<T>(
    url: string,
    signal: AbortSignal,
    attempt: (got: typeof Got) => Promise<T>,
  ): Promise<T> {
    const got = await import('got')
    for (let tried = 0; ; tried += 1) {
      signal.throwIfAborted()
      try {
        return await attempt(got)
      } catch (error) {
        signal.throwIfAborted()
        const wait = backOff[tried]
        if (wait === undefined || !isPassing(error)) throw transferError(error, url, tried + 1)
        await pause(wait, signal)
      }
    }
  }

  return {
    download: (url, options) => persistently(url, options.signal, (got) => downloadOnce(got, url, options)),
    text: (url, { maxSize, signal }) =>
      persistently(url, signal, async (got) => {
        const chunks: Uint8Array[] = []
        await transfer(got, url, { ...textTimeouts, maxSize, signal, decompress: true }, collector(chunks))
        return Buffer.concat(chunks).toString('utf8')
      }),
  }
}

function collector(chunks: Uint8Array[]): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
}

async function downloadOnce(got: typeof Got, url: string, options: DownloadOptions): ReturnType<Http['download']> {
  const { into, sha256: expected, size, unless, ...limits } = options
  await mkdir(dirname(into), { recursive: true })
  try {
    // No fsync: a file that a power cut left short is caught by its sum, which is asked again before every use.
    const file = await open(into, 'w')
    const headers = {
      ...(unless?.etag ? { 'if-none-match': unless.etag } : {}),
      ...(unless?.lastModified ? { 'if-modified-since': unless.lastModified } : {}),
    }
    const fetched = await transfer(got, url, { ...limits, headers, decompress: false }, file.createWriteStream())
    if (fetched === 'unchanged') {
      await rm(into, { force: true })
      return fetched
    }
    if (expected !== undefined && fetched.sha256 !== expected) throw wrongSum(url, expected, fetched.sha256)
    if (size !== undefined && fetched.size !== size) throw wrongSize(url, size, fetched.size)
    return fetched
  } catch (error) {
    await rm(into, { force: true })
    throw error
  }
}

/** One request, whose body is counted and hashed on its way into `sink`. */
async function transfer(got: typeof Got, url: string, limits: Limits, sink: Writable): ReturnType<Http['download']> {
  const { connectTimeout: connect, silenceTimeout: socket, signal, decompress, maxSize, onProgress } = limits
  const source = got.default.stream(url, {
    signal,
    decompress,
    // Attempts are counted in one place, `persistently`, because a retried stream would have to begin its file anew.
    retry: { limit: 0 },
    timeout: { lookup: connect, connect, secureConnect: connect, socket, response: socket },
    headers: { 'user-agent': 'lakitu', ...limits.headers },
  })
  let total: number | undefined
  let unchanged = false
  let validator: Validator = {}
  source.once('response', (response: Got.PlainResponse) => {
    const { etag, 'last-modified': lastModified } = response.headers
    unchanged = response.statusCode === 304
    validator = { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
    const length = Number(response.headers['content-length'])
    if (Number.isSafeInteger(length) && length >= 0 && !response.headers['content-encoding']) total = length
  })
  const hasher = sha256Stream()
  let size = 0
  const began = performance.now()
  const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      size += chunk.length
      if (Math.max(size, total ?? 0) > maxSize) throw tooBig(url, maxSize, total)
      hasher.update(chunk)
      yield chunk
      onProgress?.(size, total, (size * 1000) / Math.max(1, performance.now() - began))
    }
  }
  await pipeline(source, measured, sink)
  return unchanged ? 'unchanged' : { size, sha256: hasher.digest(), validator }
}

function wrongSize(url: string, expected: number, actual: number): LakituError {
  return new LakituError({
    code: 'E_WRONG_SIZE',
    headline: 'A downloaded file does not have the size that it must have; it was thrown away',
    facts: { url, expected: `${expected} B`, actual: `${actual} B` },
  })
}

function wrongSum(url: string, expected: string, actual: string): LakituError {
  return new LakituError({
    code: 'E_WRONG_SUM',
    headline: 'A downloaded file does not have the sum that it must have; it was thrown away',
    facts: { url, expected, actual },
    next: 'Try again; if it stays like this, the file on the server is not what was asked for: use another source.',
  })
}

function tooBig(url: string, limit: number, announced: number | undefined): LakituError {
  return new LakituError({
    code: 'E_TOO_BIG',
    headline: 'A download is bigger than it may be; it was stopped and thrown away',
    facts: { url, limit: `${limit} B`, announced: announced === undefined ? undefined : `${announced} B` },
    next: 'Check the address; if the file is meant to be this big, raise `maxSize`.',
  })
}
