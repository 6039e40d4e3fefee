export interface ProcessRequest {
  /** Absolute path. */
  readonly program: string
  readonly args: readonly string[]
  /** Absolute path. */
  readonly cwd: string
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Text for standard input; undefined: /dev/null. */
  readonly input: string | undefined
  /** Whether file descriptor 3 is open for events. */
  readonly events: boolean
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  /** After a stop also kill what carries this mark in its environment. */
  readonly sweepMark: string | undefined
  readonly onLine: (line: string, source: 'stdout' | 'stderr' | 'event') => void
}

export interface ProcessEnd {
  /** Exactly one of the two. */
  readonly code: number | undefined
  readonly signal: string | undefined
  /** Command lines of processes that it left running in its session, and that were ended. */
  readonly leftovers: readonly string[]
}

export interface RunningProcess {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  /** The ladder: the stop signal to its group; after `grace` ms everything that came from it is killed. */
  stop(grace: number): void
}

/**
 * Starts programs so that none outlives lakitu: each waits behind a gate until a watchdog knows of it, and the watchdog
 * ends it when lakitu is gone, however lakitu ended.
 */
export interface Processes {
  start(request: ProcessRequest): Promise<RunningProcess>
  /** Takes leave of the watchdog. */
  close(): Promise<void>
}
