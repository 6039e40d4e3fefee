import { LakituError } from '../model/error.ts'
import type { HeldLock } from '../ports/locks.ts'
import type { Sha256 } from '../util/digest.ts'
import { duration } from '../util/text.ts'
import type { Cache } from './cache.ts'

/** In ms. */
const pollInterval = 200

/** What would be no different for whoever asks for the same thing in the same way. */
const shared = ['E_UNREACHABLE', 'E_HTTP_STATUS', 'E_REDIRECT', 'E_WRONG_SUM', 'E_WRONG_SIZE', 'E_TOO_BIG']

/** Something that one at a time may bring into the cache. */
export interface Flight {
  readonly key: Sha256
  /** For whoever waits. */
  readonly what: string
  readonly task: string
  readonly signal: AbortSignal
  readonly log: (text: string) => void
  /** Of two with the same words, the second fails as the first did. */
  readonly same?: string
}

interface Ahead {
  readonly flight: Flight
  readonly ended: Promise<void>
  failure?: LakituError
}

/** Lets one at a time do the work for a key, in this process and in all that share the cache. */
export class Flights {
  private readonly cache: Cache
  private readonly ahead = new Map<Sha256, Ahead>()

  constructor(cache: Cache) {
    this.cache = cache
  }

  /** Calls `work` when nobody else works for the key: whoever waited looks first whether it is done. */
  async alone<T>(flight: Flight, work: () => Promise<T>): Promise<T> {
    const { own, land } = await this.turn(flight)
    try {
      const held = await this.lock(flight)
      try {
        return await work()
      } finally {
        held.release()
      }
    } catch (error) {
      const isOurs = error instanceof LakituError && shared.includes(error.code) && !flight.signal.aborted
      if (isOurs) own.failure = error
      throw error
    } finally {
      this.ahead.delete(flight.key)
      land()
    }
  }

  private async turn(flight: Flight): Promise<{ readonly own: Ahead; readonly land: () => void }> {
    let told = false
    for (let ahead = this.ahead.get(flight.key); ahead; ahead = this.ahead.get(flight.key)) {
      if (!told) flight.log(`waiting for ${ahead.flight.task}, which gets ${ahead.flight.what} too`)
      told = true
      await unlessAborted(ahead.ended, flight.signal)
      if (ahead.failure && flight.same !== undefined && ahead.flight.same === flight.same) throw ahead.failure
    }
    // In one go with the look above, so that of several that waited one alone is next.
    const { promise: ended, resolve: land } = Promise.withResolvers<void>()
    const own: Ahead = { flight, ended }
    this.ahead.set(flight.key, own)
    return { own, land }
  }

  private async lock({ key, what, task, signal, log }: Flight): Promise<HeldLock> {
    const { cache } = this
    const { locks, clock } = cache.ports
    for (let told = false; ; told = true) {
      signal.throwIfAborted()
      const held = cache.lock(key, cache.owner(task))
      if (held) return held
      const owner = locks.owner(cache.places.lock(key))
      const who = owner ? ` (pid ${owner.pid}, ${owner.command}, for ${duration(clock.now() - owner.since)})` : ''
      if (!told) log(`waiting for another lakitu that downloads ${what}${who}`)
      await clock.wait(pollInterval, signal)
    }
  }
}

async function unlessAborted(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = () => resolve()
  signal.addEventListener('abort', onAbort)
  await Promise.race([ended, aborted])
  signal.removeEventListener('abort', onAbort)
  signal.throwIfAborted()
}
