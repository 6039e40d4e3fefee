import type { Downloaded, DownloadOptions } from '../../ports/http.ts'
import type { Ask } from './ask.ts'
import type { Partial } from './partial.ts'
import type { Meter } from './progress.ts'

/** A download, over all its attempts. */
export interface Transfer {
  readonly url: string
  readonly ask: Ask
  readonly options: DownloadOptions
  readonly partial: Partial
  readonly meter: Meter
  /** Ms of a clock that never goes back. */
  readonly ticks: () => number
  /** How far this file has come in any attempt: to come as far again is no news. */
  furthest: number
  /** Whether what is there came in more than one piece. */
  joined: boolean
  /** What is there is not to be continued: the next request asks for the whole, and replaces it. */
  doubted: boolean
  /** How often it was doubted. */
  doubts: number
  /** Whether a joined file turned out to be wrong once. */
  wasWrong: boolean
}

/** `anew`: ask again at once, for the whole. */
export type Outcome = Downloaded | 'unchanged' | 'anew'

export function doubt(transfer: Transfer): 'anew' {
  transfer.doubted = true
  transfer.doubts += 1
  return 'anew'
}
