import { constants } from 'node:os'
import { standardTerminal } from '../adapters/terminal/terminal.ts'
import type { StopSignals } from '../engine/execute.ts'
import { exitCodes, type LakituError, reportOf } from '../model/error.ts'
import { errorText } from '../report/index.ts'
import { strayError } from './stray.ts'

export interface Stopping extends StopSignals {
  /** The exit code of the signal that came: 129, 130 or 143; 1 after an error that nobody waited for. */
  exitCode(): number | undefined
  /** As Ctrl-C does. */
  interrupt(): void
  /** `mask` takes secrets out of an error that is told now. */
  dispose(mask?: (text: string) => string): void
}

/** The exit code of a command. After a signal it is the signal's, and an error on the way is only how the stop came about. */
export async function untilStopped({ exitCode }: Stopping, command: () => Promise<number>): Promise<number> {
  try {
    const code = await command()
    return exitCode() ?? code
  } catch (error) {
    const code = exitCode()
    if (code === undefined) throw error
    return code
  }
}

/** Npm hands a Ctrl-C on to lakitu, which has it from the terminal already: within so many ms it is the same one. */
const echo = 250

const strays = ['unhandledRejection', 'uncaughtException'] as const

/**
 * Ctrl-C, TERM and HUP stop by the ladder, and so does an error that nobody waited for, which `dispose` tells; a second Ctrl-C or TERM leaves the tasks half a second. A terminal that is gone
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
  let stray: LakituError | undefined
  const onStray = (thrown: unknown) => {
    stray ??= strayError(thrown)
    code ??= exitCodes[stray.family]
    stop.abort()
  }
  for (const name of names) process.on(name, onSignal)
  for (const name of strays) process.on(name, onStray)
  void hungUp.then(() => onSignal('SIGHUP'))
  return {
    signal: stop.signal,
    hurry: hurry.signal,
    exitCode: () => code,
    interrupt: () => onSignal('SIGINT'),
    dispose: (mask = (text) => text) => {
      for (const name of names) process.off(name, onSignal)
      for (const name of strays) process.off(name, onStray)
      if (stray) standardTerminal('stderr').write(mask(errorText(reportOf(stray))))
    },
  }
}
