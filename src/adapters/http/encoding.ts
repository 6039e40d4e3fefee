import { createReadStream, createWriteStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { type Sha256, sha256Stream } from '../../util/digest.ts'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** Servers call a file `gzip` that is meant to be one: its name tells. */
const packedNames: Readonly<Record<string, RegExp>> = {
  gzip: /\.(t?gz|svgz)$/i,
  'x-gzip': /\.(t?gz|svgz)$/i,
  br: /\.br$/i,
  zstd: /\.t?zst$/i,
}

/** One after the other; each takes memory. */
const mostSteps = 5

/** Whether a file of this name is wanted as it is packed, where no sum says so. */
export function isWantedPacked(url: string, encoding: string): boolean {
  return Object.hasOwn(packedNames, encoding) && packedNames[encoding]?.test(new URL(url).pathname) === true
}

export function canDecode(encoding: string): boolean {
  const names = encoding.split(', ')
  return names.length <= mostSteps && names.every((name) => Object.hasOwn(decoders, name))
}

export interface Decoding {
  readonly from: string
  readonly to: string
  /** As the header names them, in the order in which they were applied. */
  readonly encoding: string
  /** Called with the size so far; may throw. */
  readonly seen: (size: number) => void
  readonly signal: AbortSignal
}

/** Unpacks a file into another one, by streaming. Fails with what zlib throws. */
export async function decode({
  from,
  to,
  encoding,
  seen,
  signal,
}: Decoding): Promise<{ size: number; sha256: Sha256 }> {
  const hasher = sha256Stream()
  let size = 0
  const steps = encoding
    .split(', ')
    .toReversed()
    .flatMap((name) => decoders[name]?.() ?? [])
  const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      size += chunk.length
      seen(size)
      hasher.update(chunk)
      yield chunk
    }
  }
  await pipeline([createReadStream(from), ...steps, measured, createWriteStream(to)], { signal })
  return { size, sha256: hasher.digest() }
}
