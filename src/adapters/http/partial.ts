import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Validator } from '../../ports/http.ts'
import { shownAddress } from '../../util/addresses.ts'
import { type Sha256, sha256, sha256Stream } from '../../util/digest.ts'

const bufferSize = 1 << 20

/** Tells addresses apart, and tells nobody a ticket that is in one; with whose name it is asked for makes no other file of it. */
export function addressDigest(url: string): Sha256 {
  return sha256(shownAddress(url))
}

/** What is known of a file that has begun to come; on disk before its first byte. */
export interface Note {
  /** Its `addressDigest`. */
  readonly url: Sha256
  readonly validator: Validator
  /** What proves to the server which file it is. */
  readonly ifRange?: string
  readonly total?: number
  /** What lies here is packed: no byte of it tells where the content goes on. */
  readonly encoding?: string
}

/** The file that a download writes to, and how far it has come. */
export interface Partial {
  readonly size: number
  readonly note: Note | undefined
  /** Throws away what is there. */
  begin(note: Note): Promise<void>
  /** Writes what comes, until it ends or fails; what came before a failure is kept. `seen` is called before a piece is written. */
  append(body: AsyncIterable<Uint8Array>, seen: (bytes: number) => void): Promise<void>
  /** Of all that is there. Once for each time that something was added. */
  digest(): Sha256
  discard(): Promise<void>
  /** The file stays, and nothing beside it. */
  settle(): Promise<void>
}

export interface Place {
  readonly into: string
  /** Whether what an earlier call left there is of use. */
  readonly mayGoOn: (note: Note) => boolean
  readonly signal: AbortSignal
}

/** Takes up what is there. */
export async function openPartial({ into, mayGoOn, signal }: Place): Promise<Partial> {
  await mkdir(dirname(into), { recursive: true })
  const beside = `${into}.json`
  let hasher = sha256Stream()
  let size = 0
  let note = await readNote(beside)
  if (note && mayGoOn(note)) {
    size = await hashFile(into, (chunk) => {
      signal.throwIfAborted()
      hasher.update(chunk)
    })
  } else note = undefined
  const empty = () => {
    hasher = sha256Stream()
    size = 0
    note = undefined
  }
  return {
    get size() {
      return size
    },
    get note() {
      return note
    },
    async begin(next) {
      empty()
      // In this order: a note never stands beside bytes of another file.
      await writeFile(into, '')
      await writeFile(beside, JSON.stringify(next))
      note = next
    },
    append: (body, seen) =>
      appendTo(into, body, (chunk) => {
        seen(chunk.length)
        hasher.update(chunk)
        size += chunk.length
      }),
    digest: () => hasher.digest(),
    async discard() {
      empty()
      await Promise.all([rm(beside, { force: true }), rm(into, { force: true })])
    },
    settle: () => rm(beside, { force: true }),
  }
}

/** The stream gathers pieces while one is being written, so that the disk gets them in few calls. */
async function appendTo(
  into: string,
  body: AsyncIterable<Uint8Array>,
  seen: (chunk: Uint8Array) => void,
): Promise<void> {
  const sink = createWriteStream(into, { flags: 'a', highWaterMark: bufferSize })
  // Told by `finished` below, at the latest.
  sink.on('error', () => {})
  try {
    for await (const chunk of body) {
      if (sink.errored) break
      seen(chunk)
      if (!sink.write(chunk)) await once(sink, 'drain')
    }
  } finally {
    // No fsync: a file that a power cut left short is caught by its sum, which is asked again before every use.
    sink.end()
    await finished(sink)
  }
}

async function hashFile(path: string, seen: (chunk: Uint8Array) => void): Promise<number> {
  const found = await stat(path).catch(absent)
  if (!found?.isFile()) return 0
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: bufferSize })) {
    seen(chunk as Uint8Array)
    size += (chunk as Uint8Array).length
  }
  return size
}

async function readNote(path: string): Promise<Note | undefined> {
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === undefined) return undefined
  try {
    const note: unknown = JSON.parse(text)
    return isNote(note) ? note : undefined
  } catch {
    // Cut off while it was written: then nothing stands beside it.
    return undefined
  }
}

function isNote(note: unknown): note is Note {
  if (typeof note !== 'object' || note === null) return false
  const { url, validator, ifRange, total, encoding } = note as Readonly<Record<string, unknown>>
  const optional = [ifRange, encoding].every((text) => text === undefined || typeof text === 'string')
  const size = total === undefined || (Number.isSafeInteger(total) && Number(total) >= 0)
  return typeof url === 'string' && typeof validator === 'object' && validator !== null && optional && size
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
