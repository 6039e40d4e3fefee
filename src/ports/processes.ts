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
  /** Hands it the terminal that lakitu stands on: then it has no pipes, and there are neither lines nor an input. */
  readonly terminal: boolean
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  /** After a stop also kill what carries this mark in its environment. */
  readonly sweepMark: string | undefined
  readonly onLine: (line: string, source: 'stdout' | 'stderr' | 'event') => void
}

export interface ProcessEnd {
  /** Exactly one of the two. */
  readonly code: number | undefined
  readonly signal: string | undefined
  /** Names of programs that it left running in its session by itself, and that were ended. */
  readonly leftovers: readonly string[]
  /** Programs of another user, with their pids, that live on because nobody here may end them. */
  readonly outOfReach: readonly string[]
}

export interface RunningProcess {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  /** The ladder: the stop signal to its group; after `grace` ms everything that came from it is killed. A second call can only shorten that. */
  stop(grace: number): void
}

/** What a new owner of a work tree wants of those before it. */
export interface Succession {
  /** What this lakitu was told to do, for whoever comes after it. */
  readonly command: string
  readonly signal: AbortSignal
  /** Called once when it takes longer than a moment: what was left, and by whom. */
  readonly onWait: (left: { readonly command: string; readonly pid: number }) => void
}

export interface Succeeded {
  /** Whether something had to end first. */
  readonly waited: boolean
  /** Before the lock is given back. */
  release(): void
}

/**
 * Starts programs so that none outlives lakitu: each waits behind a gate until a watchdog knows of it, and the watchdog
 * ends it when lakitu is gone, however lakitu ended.
 */
export interface Processes {
  start(request: ProcessRequest): Promise<RunningProcess>
  /**
   * For the new owner of the work tree whose state is in this folder: resolves when nothing runs any more that an owner left
   * who died. From then until `release`, the next owner waits so for what this lakitu leaves. Rejects when aborted.
   */
  finishOff(folder: string, succession: Succession): Promise<Succeeded>
  /** Takes leave of the watchdog. */
  close(): Promise<void>
}
