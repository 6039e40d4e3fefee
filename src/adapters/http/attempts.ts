import { isLost, isPassing, isSilence, Refused, transferError } from './errors.ts'

/** Waits before another attempt, in ms, by how many in a row brought nothing. */
const backOff = [500, 1500, 4000]
/** Longest wait that a server may ask for, in ms. */
const longestWait = 120_000
const mostAttempts = 100

export interface Patience {
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 to 1: half of a wait's half is chance, so that many who were cut off together do not come back together. */
  readonly random: () => number
}

export interface Attempts {
  readonly url: string
  readonly signal: AbortSignal
  /** Whether the attempt that just failed brought something that the next one can build on. */
  readonly brought: () => boolean
  /** Words that no error may show. */
  readonly hidden: readonly string[]
  /** The proxies of the environment, as they may be shown. */
  readonly proxies: string | undefined
}

/** Attempts until it works, or the failure is none that passes by itself, or too many in a row brought nothing. */
export async function persistently<T>(patience: Patience, attempts: Attempts, attempt: () => Promise<T>): Promise<T> {
  const { signal, brought } = attempts
  let fruitless = 0
  let ever = false
  for (let made = 1; ; made += 1) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const news = brought()
      ever ||= news
      if (news) fruitless = 0
      const wait =
        made < mostAttempts && mayPass(error, news, ever) ? waitBefore(error, fruitless, patience) : undefined
      if (wait === undefined) throw transferError(error, { ...attempts, attempts: made })
      fruitless += 1
      await patience.pause(wait, signal)
    }
  }
}

/** Who fell silent without a new byte is not waited for again; a network that was there a moment ago may come back. */
function mayPass(error: unknown, news: boolean, ever: boolean): boolean {
  if (isSilence(error)) return news
  return isPassing(error) || (ever && isLost(error))
}

/** Undefined: no longer. */
function waitBefore(error: unknown, fruitless: number, { random }: Patience): number | undefined {
  const usual = backOff[fruitless]
  const asked = error instanceof Refused ? (error.retryAfter ?? 0) : 0
  if (usual === undefined || asked > longestWait) return undefined
  return Math.max(asked, Math.round(usual * (0.75 + random() / 2)))
}
