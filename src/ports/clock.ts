export interface Clock {
  /** Ms since the epoch: for people. */
  now(): number
  /** Ms of a clock that never goes back: for durations. */
  ticks(): number
  /** Resolves after so many ms, or at once when aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}
