import { text } from './json.ts'

/** What an agent said over HTTP, or why it said nothing. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly json: unknown }
  | { readonly kind: 'silence'; readonly reason: string }

export interface AskOptions {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  /** In ms; default 3,000, since an agent whose server restarts answers only after 2 s. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

/** One request; never throws for what the network does, only when it was aborted from outside. */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', body, timeout = 3000, signal } = options
  const limit = AbortSignal.timeout(timeout)
  try {
    const response = await fetch(url, {
      method,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const found = await response.text()
    return { kind: 'answer', status: response.status, body: found, json: parse(found) }
  } catch (error) {
    signal?.throwIfAborted()
    return { kind: 'silence', reason: limit.aborted ? `no answer in ${timeout / 1000} s` : reasonOf(error) }
  }
}

/** The JSON of a 200, or undefined. */
export async function askJson(url: string, options: AskOptions = {}): Promise<unknown> {
  const answer = await ask(url, options)
  return answer.kind === 'answer' && answer.status === 200 ? answer.json : undefined
}

/** Why an answer is not a good one, in a few words; undefined for a 200. */
export function trouble(answer: Answer): string | undefined {
  if (answer.kind === 'silence') return answer.reason
  return answer.status === 200 ? undefined : `answers ${answer.status}: ${answer.body.trim().slice(0, 500)}`
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** fetch wraps what happened: "fetch failed" alone helps nobody. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? text(cause.code) : ''
  if (code === 'ECONNREFUSED') return 'the connection is refused'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'the host is out of reach'
  return cause instanceof Error ? cause.message : String(cause)
}
