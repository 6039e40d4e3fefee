import type { IncomingHttpHeaders } from 'node:http'
import type { Validator } from '../../ports/http.ts'

/** How much older than the answer a Last-Modified must be to tell two files apart: clocks and their grain differ. */
const surelyOlder = 60_000

/** `bytes 100-199/200`; `*` where the server leaves something open. */
export interface ContentRange {
  readonly first?: number
  readonly last?: number
  readonly total?: number
}

export function contentRange(headers: IncomingHttpHeaders): ContentRange | undefined {
  const found = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(headers['content-range'] ?? '')
  if (!found) return undefined
  const [, first, last, total] = found
  return {
    ...(first === undefined || last === undefined ? {} : { first: Number(first), last: Number(last) }),
    ...(total === undefined || total === '*' ? {} : { total: Number(total) }),
  }
}

/** The length that is announced for the body of this answer; undefined where the server does not say, or no number. */
export function contentLength(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['content-length']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** `gzip`, `br, gzip`; undefined where the body is the content itself. */
export function contentEncoding(headers: IncomingHttpHeaders): string | undefined {
  const names = (headers['content-encoding'] ?? '').toLowerCase().split(',')
  const real = names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity')
  return real.length > 0 ? real.join(', ') : undefined
}

export function validatorOf(headers: IncomingHttpHeaders): Validator {
  const { etag, 'last-modified': lastModified } = headers
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) }
}

/**
 * What If-Range may hold by RFC 9110, 13.1.5: a strong entity tag; a date only where there is no tag, and only where it is strong
 * (8.8.2.2: enough older than the answer's Date that no second change can hide behind it).
 */
export function ifRangeOf(headers: IncomingHttpHeaders): string | undefined {
  const { etag, 'last-modified': lastModified, date } = headers
  if (etag) return etag.startsWith('"') ? etag : undefined
  if (!lastModified || !date) return undefined
  return Date.parse(date) - Date.parse(lastModified) >= surelyOlder ? lastModified : undefined
}

/** In ms: a year. What is more is a no, and some of it no date. */
const longestWait = 365 * 24 * 60 * 60 * 1000

/** Ms from now until the server wants to be asked again; a date counts by the server's own clock, where it tells it. */
export function retryAfter(headers: IncomingHttpHeaders, now: number): number | undefined {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(longestWait, Number(text) * 1000)
  const then = Date.parse(text)
  if (Number.isNaN(then)) return undefined
  const itsNow = Date.parse(headers.date ?? '')
  return Math.min(longestWait, Math.max(0, then - (Number.isNaN(itsNow) ? now : itsNow)))
}

/** Headers that ask for a file only where it is not this one. */
export function unlessHeaders({ etag, lastModified }: Validator): Record<string, string> {
  return {
    ...(etag ? { 'if-none-match': etag } : {}),
    ...(lastModified ? { 'if-modified-since': lastModified } : {}),
  }
}
