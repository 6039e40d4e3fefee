import { constants } from 'node:os'
import type { StopSignals } from '../engine/execute.ts'

export interface Stopping extends StopSignals {
  /** The exit code of the signal that came: 129, 130 or 143. */
  exitCode(): number | undefined
  dispose(): void
}

/** Ctrl-C, TERM and HUP stop by the ladder; a second one leaves the tasks half a second. */
export function listenForSignals(): Stopping {
  const stop = new AbortController()
  const hurry = new AbortController()
  let code: number | undefined
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (name: (typeof names)[number]) => {
    if (stop.signal.aborted) hurry.abort()
    code ??= 128 + constants.signals[name]
    stop.abort()
  }
  for (const name of names) process.on(name, onSignal)
  return {
    signal: stop.signal,
    hurry: hurry.signal,
    exitCode: () => code,
    dispose: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
