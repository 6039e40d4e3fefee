import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { type Sha256, sha256 } from '../../src/util/digest.ts'

/** One file on loopback, served with an ETag and in ranges. */
export interface FileServer {
  readonly url: string
  readonly sum: Sha256
  readonly content: Buffer
  /** Each request that was answered with bytes: from where on. */
  readonly transfers: readonly number[]
  /** All requests. */
  requests(): number
  /** The next answer stands still after so many bytes. */
  hold(after: number): { readonly reached: Promise<void>; release(): void }
}

export async function fileServer(text = 'some bytes, '): Promise<FileServer> {
  const content = Buffer.from(text.repeat(30_000))
  const etag = `"${sha256(content).slice(0, 16)}"`
  const transfers: number[] = []
  let requests = 0
  let held: { readonly after: number; readonly reach: () => void; readonly released: Promise<void> } | undefined
  const server = createServer((request, response) => {
    requests += 1
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end()
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const mayContinue = (request.headers['if-range'] ?? etag) === etag
    const from = range && mayContinue ? Number(range[1]) : 0
    const last = content.length - 1
    const part = from > 0 ? { 'content-range': `bytes ${from}-${last}/${content.length}` } : {}
    transfers.push(from)
    response.writeHead(from > 0 ? 206 : 200, { etag, 'content-length': content.length - from, ...part })
    if (!held) return void response.end(content.subarray(from))
    const { after, reach, released } = held
    held = undefined
    response.write(content.subarray(from, from + after), reach)
    void released.then(() => response.end(content.subarray(from + after)))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/tool-1.2.zip`,
    sum: sha256(content),
    content,
    transfers,
    requests: () => requests,
    hold: (after) => {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      held = { after, reach: reached.resolve, released: released.promise }
      return { reached: reached.promise, release: released.resolve }
    },
  }
}
