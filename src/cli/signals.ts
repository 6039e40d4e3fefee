import { constants } from 'node:os'
import { standardTerminal } from '../adapters/terminal.ts'
import type { StopSignals } from '../engine/execute.ts'

export interface Stopping extends StopSignals {
  /** The exit code of the signal that came: 129, 130 or 143. */
  exitCode(): number | undefined
  dispose(): void
}

/** Npm hands a Ctrl-C on to lakitu, which has it from the terminal already: within so many ms it is the same one. */
const echo = 250

/**
 * Ctrl-C, TERM and HUP stop by the ladder; a second Ctrl-C or TERM leaves the tasks half a second. A terminal that is gone
 * counts as HUP also where nobody sends one.
 */
export function listenForSignals(hungUp = standardTerminal('stdout').hungUp, now = () => performance.now()): Stopping {
  const stop = new AbortController()
  const hurry = new AbortController()
  let code: number | undefined
  let first = 0
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (name: (typeof names)[number]) => {
    if (stop.signal.aborted && name !== 'SIGHUP' && now() - first >= echo) hurry.abort()
    if (stop.signal.aborted) return
    first = now()
    code = 128 + constants.signals[name]
    stop.abort()
  }
  for (const name of names) process.on(name, onSignal)
  void hungUp.then(() => onSignal('SIGHUP'))
  return {
    signal: stop.signal,
    hurry: hurry.signal,
    exitCode: () => code,
    dispose: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
