import type { Archives } from '../ports/archive.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Http } from '../ports/http.ts'
import type { Locks } from '../ports/locks.ts'
import type { Processes } from '../ports/processes.ts'

/** The outside world as the engine sees it, wired in one place. */
export interface Ports {
  readonly disk: Disk
  readonly locks: Locks
  readonly processes: Processes
  readonly http: Http
  readonly archives: Archives
  readonly clock: Clock
  /** Lakitu's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `linux`, `darwin`, …, and `x64`, `arm64`, …, as Node names them. */
  readonly platform: string
  readonly arch: string
  /** Differs after every start of the machine; where there is no such thing, always the same. */
  readonly boot: string
  /** Asks the person; `undefined` where nobody can answer, false when aborted. */
  ask(question: string, signal: AbortSignal): Promise<boolean | undefined>
  /** Takes the view away while a program has the terminal, one at a time; `undefined` where there is no terminal. */
  lendTerminal<T>(during: () => Promise<T>): Promise<T> | undefined
}
