import { Fault } from './errors.ts'

/** A server from which fewer bytes come in so many ms holds up whoever wants the same file, for ever if nobody ends it. */
const fewest = 60_000
const within = 60_000

/** Told of bytes as they come, throws where they are too few. What came stays: the next call goes on there. */
export function notTooSlow(ticks: () => number): (bytes: number) => void {
  let from = ticks()
  let came = 0
  return (bytes) => {
    came += bytes
    if (ticks() - from < within) return
    if (came < fewest) throw new Fault('TOO_SLOW', 'less than 1 kB a second for a minute')
    from = ticks()
    came = 0
  }
}
