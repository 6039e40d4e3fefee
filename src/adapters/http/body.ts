import type { Readable } from 'node:stream'
import { Fault } from './errors.ts'

/** Bytes that may wait for whoever reads them, before the server is made to wait. */
const most = 1 << 20

/**
 * What a stream brings, from this moment on. Unlike the stream's own iterator it hands over all that came before it
 * reports a failure: a stream that breaks off forgets what nobody has read yet, and that would be asked for again.
 */
export function piecesOf(stream: Readable): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = []
  let size = 0
  let ended = false
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}
  stream.on('data', (chunk: Uint8Array) => {
    waiting.push(chunk)
    size += chunk.length
    if (size >= most) stream.pause()
    wake()
  })
  stream.once('end', () => {
    ended = true
    wake()
  })
  stream.once('error', (error: unknown) => {
    failure ??= { error }
    wake()
  })
  stream.once('close', () => {
    failure ??= { error: new Fault('ERR_STREAM_PREMATURE_CLOSE', 'The connection was closed in the middle') }
    wake()
  })
  return (async function* () {
    try {
      for (;;) {
        const pieces = waiting.splice(0)
        size = 0
        if (stream.isPaused()) stream.resume()
        yield* pieces
        if (waiting.length > 0) continue
        if (ended) return
        if (failure) throw failure.error
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      stream.destroy()
    }
  })()
}
