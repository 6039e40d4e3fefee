import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { piecesOf } from '../../../src/adapters/http/body.ts'
import { digestOf, noise, place } from '../../support/downloading.ts'

const content = noise(1000)
const half = content.subarray(0, 500)
const servers: Server[] = []
type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** Answers one request after the other, and all further ones as the last. */
async function serving(...answers: readonly Answer[]): Promise<string> {
  let at = 0
  const server = createServer((request, response) => {
    answers[Math.min(at, answers.length - 1)]?.(response, request)
    at += 1
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const tag = { etag: '"one"' }
const whole: Answer = (response) => void response.writeHead(200, tag).end(content)
/** The connection ends in the middle. */
const cut =
  (headers: Readonly<Record<string, string>>): Answer =>
  (response) => {
    response.writeHead(200, headers)
    response.write(half, () => response.socket?.end())
  }
const rest =
  (range: string, body: Uint8Array, headers: Readonly<Record<string, string>> = tag): Answer =>
  (response) => {
    response.writeHead(206, { ...headers, 'content-range': range })
    response.write(body)
    response.end()
  }

test('a part of the rest is no whole file, where the length was unknown at first', async () => {
  const url = await serving(cut(tag), rest('bytes 500-599/1000', content.subarray(500, 600)), whole)
  const at = await place()
  expect(await at.get(url)).toMatchObject({ sha256: digestOf(content) })
})

test('a rest whose end nobody tells is not believed without a sum', async () => {
  const url = await serving(cut(tag), rest('bytes 500-599/*', content.subarray(500, 600)), whole)
  const at = await place()
  expect(await at.get(url)).toMatchObject({ sha256: digestOf(content) })
})

test('a rest that is longer than what is missing is not believed', async () => {
  const long = Buffer.concat([content.subarray(500), half])
  const sized = { ...tag, 'content-length': '1000' }
  const url = await serving(cut(sized), rest('bytes 500-999/1000', long), whole)
  const at = await place()
  expect(await at.get(url)).toMatchObject({ size: 1000, sha256: digestOf(content) })
})

test('a rest that does not say which file it is of is not believed without a sum', async () => {
  const sized = { ...tag, 'content-length': '1000' }
  const url = await serving(cut(sized), rest('bytes 500-999/1000', noise(500, 2), {}), whole)
  const at = await place()
  expect(await at.get(url)).toMatchObject({ sha256: digestOf(content) })
})

test.each(['9'.repeat(17), '9'.repeat(400), 'Sat, 13 Sep 275760 00:00:00 GMT'])(
  'a server that wants to be asked again after %s is given up in the usual words',
  async (after) => {
    const headers = { 'retry-after': after, date: 'Thu, 01 Jan 1970 00:00:00 GMT' }
    const at = await place()
    const url = await serving((response) => void response.writeHead(503, headers).end())
    await expect(at.get(url)).rejects.toMatchObject({
      code: 'E_HTTP_STATUS',
      facts: { status: expect.stringMatching(/^503/) },
    })
  },
)

test.each(['constructor', 'toString', '__proto__', Array(2000).fill('gzip').join(',')])(
  'a packing that nobody knows is left as it is',
  async (encoding) => {
    const headers = { 'content-encoding': encoding }
    const at = await place()
    const url = await serving((response) => void response.writeHead(200, headers).end(content))
    expect(await at.get(`${url}/file`)).toMatchObject({ sha256: digestOf(content) })
  },
)

test('a ticket in an address does not stand beside what has come', async () => {
  const stop = new AbortController()
  const url = await serving((response) => void response.writeHead(200, tag).write(half))
  const at = await place()
  await at.get(`${url}/file?ticket=s3cret`, { signal: stop.signal, onProgress: () => stop.abort() }).catch(() => {})
  const note = await readFile(`${at.into}.json`, 'utf8')
  expect(note).toContain('etag')
  expect(note).not.toContain('s3cret')
})

test('a stream that is closed without a word is a failure that passes', async () => {
  const stream = new Readable({ read() {} })
  const read = buffer(piecesOf(stream))
  stream.destroy()
  await expect(read).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
})
