import { LakituError } from '../model/error.ts'

/** What got's errors carry besides their message. Read by shape, so that this file does not load got. */
interface TransferFault extends Error {
  readonly code?: string
  /** The phase that took too long, where it was a time-out. */
  readonly event?: string
  readonly response?: { readonly statusCode: number; readonly statusMessage?: string }
}

const passingStatus = new Set([408, 429, 500, 502, 503, 504])
const passingCodes = new Set(['ECONNRESET', 'EPIPE', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Whether another attempt may well succeed. No connection at all is not of that kind: a wrong name, a closed port or a
 * missing network answer the same a second later, and whoever waits has other sources to try.
 */
export function isPassing(error: unknown): boolean {
  if (!isFault(error)) return false
  if (error.response && error.name === 'HTTPError') return passingStatus.has(error.response.statusCode)
  return error.code !== undefined && passingCodes.has(error.code)
}

/** The error that the port promises; what is no fault of the transfer (a full disk) stays as it is. */
export function transferError(error: unknown, url: string, attempts: number): unknown {
  if (!isFault(error)) return error
  const tries = attempts > 1 ? String(attempts) : undefined
  if (error.response && error.name === 'HTTPError') {
    const { statusCode, statusMessage = '' } = error.response
    return new LakituError({
      code: 'E_HTTP_STATUS',
      headline: `The server answered ${statusCode} instead of the file`,
      facts: { url, status: `${statusCode} ${statusMessage}`.trim(), attempts: tries },
      next: statusAdvice(statusCode),
      family: 'world',
      cause: error,
    })
  }
  return new LakituError({
    code: 'E_UNREACHABLE',
    headline: headlineOf(error, url),
    facts: { url, reason: reasonOf(error), attempts: tries },
    next: connectionAdvice(error),
    family: 'world',
    cause: error,
  })
}

/** Every error that got raises is a `RequestError`, which has the options of its request. */
function isFault(error: unknown): error is TransferFault {
  return error instanceof Error && !(error instanceof LakituError) && 'options' in error && 'code' in error
}

function headlineOf(error: TransferFault, url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : url
  if (error.event === 'socket' || error.event === 'response') return `${host} fell silent`
  if (isPassing(error)) return `The connection to ${host} broke off`
  return `${host} cannot be reached`
}

function reasonOf(error: TransferFault): string {
  const code = error.code ?? ''
  return error.message.includes(code) ? error.message : `${code}: ${error.message}`
}

function statusAdvice(status: number): string {
  if (status === 401 || status === 403)
    return 'The server wants to know who asks, or refuses: check the address and your rights there.'
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
