import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Fault, Habits } from './faults.ts'

const pieceSize = 1 << 16
const longAgo = 'Tue, 01 Jul 2025 12:00:00 GMT'
const packers = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }

/** A file as plain data: its bytes, or where they are. */
export type Content = Buffer | { readonly file: string }

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly content: Content
  readonly habits: Habits
  readonly fault: Fault | undefined
  readonly sent: (bytes: number) => void
}

/** Answers a request for a file as a good server does, but for what the fault wants otherwise. */
export async function answer(exchange: Exchange): Promise<void> {
  const { request, response, fault } = exchange
  if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end()
  if (fault?.kind === 'redirect') return void response.writeHead(fault.status ?? 302, { location: fault.to }).end()
  if (fault?.kind === 'hang' && fault.after < 0) return
  const whole = bytesOf(exchange)
  const headers = validators(whole, exchange)
  const { 'if-none-match': etag, 'if-modified-since': since } = request.headers
  if (etag ? etag === headers['etag'] : since && since === headers['last-modified']) {
    return void response.writeHead(304, headers).end()
  }
  const from = rangeStart(exchange, headers)
  if (from !== undefined && from >= whole.length) {
    return void response.writeHead(416, { ...headers, 'content-range': `bytes */${whole.length}` }).end()
  }
  const halved = from !== undefined && fault?.kind === 'range' && fault.wrong === 'half'
  const body = whole.subarray(from ?? 0, halved ? Math.ceil((from + whole.length) / 2) : undefined)
  response.writeHead(from === undefined ? 200 : 206, {
    ...headers,
    ...(exchange.habits.length === false ? {} : { 'content-length': announced(body.length, fault) }),
    ...(from === undefined ? {} : rangeHeader(from, from + body.length, { total: whole.length, fault })),
  })
  if (request.method === 'HEAD') return void response.end()
  response.flushHeaders()
  await send(exchange, body)
}

function bytesOf({ content, fault }: Exchange): Buffer {
  const real = Buffer.isBuffer(content) ? content : readFileSync(content.file)
  if (fault?.kind === 'packed' && !fault.lie) return packers[fault.encoding](real)
  if (fault?.kind !== 'damage') return real
  const damaged = Buffer.from(real)
  damaged[fault.at] = (damaged[fault.at] ?? 0) ^ 1
  return damaged
}

function validators(whole: Buffer, { fault, habits, content }: Exchange): Record<string, string> {
  const kind = habits.validators ?? 'strong'
  // Of what lies there, not of what is damaged on the way.
  const lies = fault?.kind === 'damage' ? bytesOf({ content } as Exchange) : whole
  const sum = `"${createHash('sha256').update(lies).digest('hex').slice(0, 16)}"`
  const etag = fault?.kind === 'etag' ? fault.etag : kind === 'strong' ? sum : kind === 'weak' ? `W/${sum}` : undefined
  const modified = kind === 'none' ? undefined : kind === 'fresh' ? new Date().toUTCString() : longAgo
  return {
    ...(etag ? { etag } : {}),
    ...(modified ? { 'last-modified': modified } : {}),
    ...(fault?.kind === 'packed' ? { 'content-encoding': fault.encoding } : {}),
  }
}

/** Where a Range begins that is to be heeded. */
function rangeStart({ request, habits, fault }: Exchange, headers: Record<string, string>): number | undefined {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  if (asked === undefined || habits.ranges === false) return undefined
  const condition = request.headers['if-range']
  const same = condition === undefined || condition === headers['etag'] || condition === headers['last-modified']
  return same || fault?.kind === 'etag' ? Number(asked) : undefined
}

function rangeHeader(
  from: number,
  to: number,
  { total, fault }: { readonly total: number; readonly fault: Fault | undefined },
): Record<string, string> {
  if (fault?.kind !== 'range' || fault.wrong === 'half') return { 'content-range': `bytes ${from}-${to - 1}/${total}` }
  if (fault.wrong === 'unsaid') return {}
  if (fault.wrong === 'start') return { 'content-range': `bytes ${from - 1}-${total - 1}/${total}` }
  return { 'content-range': `bytes ${from}-${total - 1}/${total + 1}` }
}

function announced(length: number, fault: Fault | undefined): number {
  return fault?.kind === 'length' ? length + fault.by : length
}

async function send({ request, response, fault, sent }: Exchange, body: Buffer): Promise<void> {
  const ends = fault?.kind === 'cut' || fault?.kind === 'hang' ? fault.after : body.length
  const piece = fault?.kind === 'slow' ? fault.piece : pieceSize
  // More than was announced goes out behind node's back, as a broken server sends it.
  const out = fault?.kind === 'length' && fault.by < 0 ? request.socket : response
  for (let at = 0; at < Math.min(ends, body.length) && !request.socket.destroyed; at += piece) {
    const part = body.subarray(at, Math.min(at + piece, ends))
    await new Promise((resolve) => {
      request.socket.once('close', resolve)
      out.write(part, () => {
        request.socket.off('close', resolve)
        resolve(undefined)
      })
    })
    if (!request.socket.destroyed) sent(part.length)
    if (fault?.kind === 'slow') await wait(fault.pause)
  }
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'cut' || fault?.kind === 'length') request.socket.destroySoon()
  else response.end()
}
