import type { Clock } from '../ports/clock.ts'

const often = 64

/** Between many calls of the disk, which all block: lets signals and other tasks have their turn now and then. */
export function breather(clock: Clock, signal: AbortSignal): () => Promise<void> {
  let calls = 0
  return async () => {
    calls += 1
    if (calls % often === 0) await clock.wait(0, signal)
  }
}
