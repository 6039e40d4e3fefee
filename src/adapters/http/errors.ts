import { LakituError } from '../../model/error.ts'
import { hostOf, shownAddress, withoutQuery } from '../../util/addresses.ts'
import { maskText } from '../../util/mask.ts'
import { duration } from '../../util/text.ts'
import type { Answer } from './ask.ts'
import { retryAfter } from './headers.ts'

/** What got's errors carry besides their message. Read by shape, so that this file does not load got. */
interface TransferFault extends Error {
  readonly code?: string
  /** The phase that took too long, where it was a time-out. */
  readonly event?: string
}

/** A status that is not what was asked for. */
export class Refused extends Error {
  readonly status: number
  readonly at: string
  /** In ms, where the server says when it wants to be asked again. */
  readonly retryAfter: number | undefined

  constructor({ url, status, statusText, headers }: Answer) {
    super(`${status} ${statusText}`.trim())
    this.status = status
    this.at = url
    this.retryAfter = retryAfter(headers, Date.now())
  }
}

/** A fault of the transfer that lakitu saw itself. */
export class Fault extends Error {
  readonly code: string
  readonly event: string | undefined
  readonly options = undefined

  constructor(code: string, message: string, event?: string) {
    super(message)
    this.code = code
    this.event = event
  }
}

const passingStatus = new Set([408, 429, 500, 502, 503, 504])
const passingCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_GOT_CONTENT_LENGTH_MISMATCH',
  'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
  'ERR_STREAM_PREMATURE_CLOSE',
])
const lostCodes = new Set([
  ...['ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL'],
])

/**
 * Whether another attempt may well succeed. No connection at all is not of that kind: a wrong name, a closed port or a
 * missing network answer the same a second later, and whoever waits has other sources to try.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof Refused) return passingStatus.has(error.status)
  return isFault(error) && error.code !== undefined && passingCodes.has(error.code)
}

/** Whether there is no connection any more. */
export function isLost(error: unknown): boolean {
  return isFault(error) && error.code !== undefined && lostCodes.has(error.code)
}

/** Whether a connection is open, and nothing comes. */
export function isSilence(error: unknown): boolean {
  return isFault(error) && (error.event === 'socket' || error.event === 'response')
}

/** Where and how it failed, for whoever reads the error. */
export interface Failed {
  readonly url: string
  readonly attempts: number
  readonly hidden: readonly string[]
  readonly proxies: string | undefined
}

/** The error that the port promises; what is no fault of the transfer (a full disk) stays as it is. */
export function transferError(error: unknown, failed: Failed): unknown {
  const attempts = failed.attempts > 1 ? String(failed.attempts) : undefined
  const url = shownAddress(failed.url)
  if (error instanceof Refused) return statusError(error, url, attempts)
  if (!isFault(error)) return error
  return new LakituError({
    code: 'E_UNREACHABLE',
    headline: headlineOf(error, url),
    facts: { url, reason: maskText(reasonOf(error), failed.hidden), proxies: failed.proxies, attempts },
    next: connectionAdvice(error),
    family: 'world',
    // Not got's own error: that has the headers of the request.
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  })
}

function statusError(refused: Refused, url: string, attempts: string | undefined): LakituError {
  const { status, retryAfter: wait } = refused
  return new LakituError({
    code: 'E_HTTP_STATUS',
    headline: `The server answered ${status} instead of the file`,
    facts: {
      url,
      'redirected to': shownAddress(refused.at) === url ? undefined : withoutQuery(refused.at),
      status: refused.message,
      'ask again': wait === undefined ? undefined : `in ${duration(wait)}`,
      attempts,
    },
    next: statusAdvice(status, wait),
    family: 'world',
  })
}

/** Every error that got raises is a `RequestError`, which has the options of its request. */
function isFault(error: unknown): error is TransferFault {
  return error instanceof Error && !(error instanceof LakituError) && 'options' in error && 'code' in error
}

function headlineOf(error: TransferFault, url: string): string {
  const host = hostOf(url)
  if (isSilence(error)) return `${host} fell silent`
  if (error.code === 'TOO_SLOW') return `${host} is too slow`
  if (error.code?.startsWith('HPE_')) return `${host} does not answer as HTTP wants it`
  if (isPassing(error)) return `The connection to ${host} broke off`
  return `${host} cannot be reached`
}

function reasonOf(error: TransferFault): string {
  const code = error.code ?? ''
  return error.message.includes(code) ? error.message : `${code}: ${error.message}`
}

function statusAdvice(status: number, wait: number | undefined): string {
  if (wait !== undefined) {
    return `Run the same command again after ${new Date(Date.now() + wait).toISOString().slice(0, 19)}Z.`
  }
  if (status === 401 || status === 403)
    return 'The server wants to know who asks, or refuses: check the address and your rights there.'
  if (status === 407) return 'The proxy wants to know who asks: put name and password into its address.'
  if (status === 404 || status === 410)
    return 'There is no such file on that server: check the version and the address.'
  if (status === 429 || status >= 500) return 'The server has trouble: run the same command again later.'
  return 'Check the address.'
}

function connectionAdvice({ code = '' }: TransferFault): string {
  if (code.includes('CERT') || code.startsWith('UNABLE_TO_')) {
    return 'The certificate is not trusted here. Behind an own authority: export NODE_EXTRA_CA_CERTS=<its certificate>'
  }
  return 'Check the network and the address, then run the same command again.'
}
