import type { IncomingHttpHeaders } from 'node:http'

/** One request, without the address. */
export interface Question {
  /** Default GET. */
  readonly method?: 'HEAD'
  readonly headers: Readonly<Record<string, string>>
  /** Whether a content encoding is asked for and undone on the way. */
  readonly decompress: boolean
  /** In ms. */
  readonly connectTimeout: number
  /** In ms. */
  readonly silenceTimeout: number
  readonly signal: AbortSignal
}

/** What a server says before the body comes. Whoever gets one reads its body to the end or drops it. */
export interface Answer {
  /** Who answered: where redirects led. */
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Uint8Array>
  drop(): void
}

/** Fails with what the transport throws, for `transferError`; a status is never a failure here. */
export type Ask = (url: string, question: Question) => Promise<Answer>
