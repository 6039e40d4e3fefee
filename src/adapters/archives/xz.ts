import { ReadableStream } from 'node:stream/web'
import xz from 'xz-decompress'

/** Numbers of xz-embedded; the rest cannot happen here. */
const reasons: Readonly<Record<string, string>> = {
  3: 'it needs too much memory to unpack (xz)',
  4: 'it needs more memory to unpack than the 64 MiB that xz -9 does',
  5: 'it is no xz file',
  6: 'it is packed in a way that cannot be unpacked here (xz with SHA-256 or with a filter for programs): pack it without',
  7: 'it is damaged (xz)',
  8: 'it is cut short (xz)',
}

/** The library has one memory for all streams and lets a second one wait, which must not be cancelled then: it waits here. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Unpacks .xz with xz-decompress (xz-embedded as WebAssembly), CRC32 and CRC64 checked, several streams one after another.
 */
export async function* unxz(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const turn = Promise.withResolvers<void>()
  const before = last
  last = turn.promise
  await before
  try {
    for await (const chunk of new xz.XzReadableStream(ReadableStream.from(source))) {
      if (chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
  } catch (error) {
    const [, number = ''] = /error code (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
    const reason = reasons[number]
    throw reason ? new Error(reason, { cause: error }) : error
  } finally {
    turn.resolve()
  }
}
