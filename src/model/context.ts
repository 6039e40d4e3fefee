import type { Handles, LookedAtValues, NeedValues } from './handle.ts'
import type { Inputs, InputValues } from './input.ts'
import type { Secret } from './secret.ts'

/** Runs a program: argv, never a shell unless the program is one. */
export interface ExecOptions {
  /** Folder to run in, relative to the project's root; default the root. */
  readonly cwd?: string
  /** Added to the base environment (PATH, HOME, locale, proxies, …); `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Variables of lakitu's own environment to hand on, by name or with a trailing `*`. */
  readonly passEnv?: readonly string[]
  /** Text for standard input; default none (/dev/null). */
  readonly input?: string
  /** The signal that asks the program to stop; default SIGTERM. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT'
  /** How long it may take to stop before it is killed, in ms; default 10,000. */
  readonly grace?: number
  /** Stopped and failed after so many ms; default never. */
  readonly timeout?: number
  /** Exit codes that are no failure; default [0]. */
  readonly okCodes?: readonly number[]
  /** Each line of the two streams as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Opens file descriptor 3 of the program for writing; each line that it writes there. */
  readonly onEvent?: (line: string) => void
  /**
   * Hands it the terminal, for programs that ask something (sudo, vagrant). One at a time has it, and the view makes way. It
   * has no `input`, nothing of what it writes is kept, and without a terminal it is an error.
   */
  readonly terminal?: boolean
  /** Keeps the output out of the task's log. */
  readonly silent?: boolean
  /** After a stop, also kill every process that carries this run's mark in its environment; default true for tasks, false for effects. */
  readonly sweep?: boolean
}

export interface ExecResult {
  readonly code: number
  /** The last 1 MB of each stream. */
  readonly stdout: string
  readonly stderr: string
}

export type Exec = (program: string, args?: readonly string[], options?: ExecOptions) => Promise<ExecResult>

export interface FetchOptions {
  /**
   * Where the file goes, relative to the root: written beside it and renamed, or not at all. Without, the file stays in the cache of
   * downloads, to be read during this run: what is to last longer needs a place of its own.
   */
  readonly to?: string
  /** The digest that the content must have before it becomes visible. With it, what the cache has needs no request. */
  readonly sha256?: string
  /** The size in bytes, where it is known beforehand. */
  readonly size?: number
  /** What it is, for `lakitu cache` and for messages: `consul 2.0.2 linux_amd64`; default the last part of the address. */
  readonly about?: string
  /** Most bytes that are taken; default 2 GiB. */
  readonly maxSize?: number
  /** Time to connect, in ms; default 10,000. */
  readonly connectTimeout?: number
  /** Longest silence on an open connection, in ms; default 30,000. */
  readonly silenceTimeout?: number
}

export interface Fetched {
  /** Relative to the root where it lies below it, else absolute; read-only where no `to` was given. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly sha256: string
  /** `cache`: nothing was transferred, though the server may have been asked whether it is still the same. */
  readonly from: 'cache' | 'network'
}

export interface KeepOptions {
  /** What it is, for `lakitu cache` and for messages; default the name. */
  readonly about?: string
  /** What happens offline where it is not there: E_OFFLINE (default), or `fill` is called, which then looks at `ctx.offline` itself. */
  readonly offline?: 'fail' | 'fill'
}

export interface UnpackOptions {
  /** Folder to unpack into, relative to the root, or the file's own path where one `member` is taken. */
  readonly to: string
  /** The one file to take out of the archive, by its name in there; default all. */
  readonly member?: string
  /** Mode of the unpacked member, such as 0o755; default what the archive says. */
  readonly mode?: number
  /** Unpacked bytes at most; default 8 GiB. */
  readonly maxSize?: number
  /** Members of all kinds at most; default 200,000. */
  readonly maxMembers?: number
  /** Unpacked bytes at most for each byte of the archive, looked at from 64 MiB unpacked bytes on; default 200. */
  readonly maxRatio?: number
}

/** What the progress line of a task shows; `done` of `total` where both are known. */
export interface Progress {
  readonly text: string
  readonly done?: number
  readonly total?: number
  readonly unit?: 'bytes' | 'steps'
  /** Per second, in the unit; where it is not said, views measure it. */
  readonly rate?: number
}

/** One difference between the facts of the last success and these. */
export interface Change {
  /** Where in the facts: `inputs`, `roles`, `ansible/roles/consul/tasks/main.yml`. */
  readonly path: readonly string[]
  readonly change: 'added' | 'removed' | 'changed'
}

/** What became of this task's last attempt, and what is different since its last success. */
export interface Previous {
  /** `moved`, which only effects in a watch have: it ended well, but what it read changed meanwhile, so that nothing counts as done. */
  readonly outcome: 'done' | 'failed' | 'moved' | 'crashed' | 'undone'
  /** The value of the last success. */
  readonly value?: unknown
  readonly notes: Readonly<Record<string, unknown>>
  /**
   * Since the last success; undefined where there was none. Of a task only where it keeps its outputs (`incremental: true`), its last attempt
   * was that success, and they are as it left them: else there is more to do than what changed.
   */
  readonly changes?: readonly Change[]
}

/** What `run` gets. */
export interface Context<N extends Handles = Handles, I extends Inputs = Inputs> {
  readonly name: string
  /** The project's root, absolute. */
  readonly root: string
  readonly needs: NeedValues<N>
  readonly inputs: InputValues<I>
  /** The text of a secret. Refused in argv (E_SECRET_IN_ARGV) and in what is recorded (E_SECRET_IN_VALUE), masked in all output. */
  secret(handle: Secret): string
  readonly exec: Exec
  /**
   * Downloads a file, once: what the cache of downloads holds is not transferred again, and what several want is transferred for all
   * of them. Errors: `E_UNREACHABLE`, `E_HTTP_STATUS`, `E_REDIRECT`, `E_WRONG_SUM`, `E_WRONG_SIZE`, `E_TOO_BIG`, `E_OFFLINE` (not in the cache),
   * `E_DOWNLOADS_FOLDER` (the cache cannot be written).
   */
  fetch(url: string, options?: FetchOptions): Promise<Fetched>
  /**
   * The absolute path of a folder in the cache of downloads, for what other programs download (packages, wheels, a box). Where `name` is not
   * there, or is not what it was, `fill` gets an empty folder (absolute) and puts the files into it; only when it has ended well the
   * folder takes its place. `name`: parts of letters, digits and `._+-` with `/` between them; what must differ (a version, a digest of what is wanted) belongs into
   * it. What is in the folder is for reading, during this run. Errors: those of `fill`, `E_OFFLINE`, `E_KEPT_NAME`, `E_DOWNLOADS_FOLDER`.
   */
  keep(name: string, fill: (folder: string) => Promise<void>, options?: KeepOptions): Promise<string>
  /** Whether no request may be made (`--offline`). No fact: what a task makes is the same with the network and without. */
  readonly offline: boolean
  /** Downloads a small text (at most 4 MiB). Offline: `E_OFFLINE`. */
  fetchText(url: string): Promise<string>
  /** The size of a file in bytes, as its server tells it (HEAD); undefined where it does not tell. Fails as `fetch` does; offline with E_OFFLINE. */
  fetchSize(url: string): Promise<number | undefined>
  /**
   * The text of a file, relative to the root or absolute; undefined where nothing is. The file counts as an input from
   * here on (*discovered*), also as one that is not there. Error: E_UNDECLARED_NEED where a task makes it that is no need.
   */
  read(path: string): string | undefined
  /**
   * Unpacks a .zip, .tar, .tar.gz (.tgz), .tar.xz or .tar.zst, known by what it begins with; answers the paths of what was written,
   * relative to the root. All of it appears, or nothing. Modes are the archive's (`0o777` of them), whatever the umask; times and owners
   * are not kept. Errors: E_ARCHIVE (damaged or unknown), E_ARCHIVE_MEMBER (not in there), E_ARCHIVE_TARGET (`to` holds something),
   * E_ARCHIVE_UNSAFE (what leaves the folder, devices, two members in one place, or more than the limits).
   */
  unpack(archive: string, options: UnpackOptions): Promise<readonly string[]>
  readonly previous: Previous | undefined
  /** Whether this run was asked for, whatever the facts say (`--force` for a task that was named): then all of it is meant, not only what changed. */
  readonly forced: boolean
  /**
   * Says that this run of an effect does only a part of what it could: a watch that is idle after it looks with the effect's `drift` whether the
   * rest holds too. Elsewhere it means nothing.
   */
  ranPart(): void
  /** What an effect writes down about the world: durable before it returns, kept over failures; `null` takes it back. */
  note(key: string, value: unknown): Promise<void>
  /** What the probe answered before this run: a value, `null` (not there), or undefined (unknown, or no effect). */
  readonly observed: unknown
  /** Ends the task as *skipped*: dependents run and get `undefined`. Only with `mayBeLeftOut: true`. */
  leaveOut(reason: string): never
  /** Asks the person at the terminal once; without a terminal, or with `--yes`, the answer is yes. */
  confirm(question: string): Promise<boolean>
  /** A line in the task's log and in the views. */
  log(text: string): void
  /** A line that the summary at the end repeats: something that the person should know or do. */
  warn(text: string): void
  progress(progress: Progress | string): void
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal
}

/** What a probe gets. It must change nothing. */
export interface ProbeContext<N extends Handles = Handles, I extends Inputs = Inputs> {
  readonly name: string
  readonly root: string
  /** The value of a service is undefined where it does not run: it is started for a run, not for a look. */
  readonly needs: LookedAtValues<N>
  readonly inputs: InputValues<I>
  readonly exec: Exec
  /** The text of a secret; see `Context`. */
  secret(handle: Secret): string
  readonly signal: AbortSignal
}

/** What is known of an effect's last attempt; `outcome` is not there where there was none. */
export interface LastKnown extends Pick<Previous, 'value' | 'notes'> {
  readonly outcome?: Previous['outcome']
}

/** What `explain` of an effect gets. It must change nothing. */
export interface ExplainContext<N extends Handles = Handles, I extends Inputs = Inputs> extends ProbeContext<N, I> {
  readonly recorded: LastKnown
  /** A file, relative to the root, there or not: what an edit of it would run is asked. Without it, what would run now. */
  readonly file?: string
}

/** One place where the world is not as the effect left it. */
export interface Drift {
  /** Such as a host. */
  readonly where: string
  /** Such as a role and a task of it. */
  readonly what: string
  /** Such as a diff; of many lines. */
  readonly detail?: string
}

/** What `drift` of an effect gets. It must change nothing. */
export interface DriftContext<N extends Handles = Handles, I extends Inputs = Inputs> extends ProbeContext<N, I> {
  readonly recorded: LastKnown
}

type Serving = 'name' | 'root' | 'needs' | 'inputs' | 'secret' | 'exec' | 'log' | 'warn' | 'signal'

/** What `run` of a service gets. `signal` is aborted when it is to end. */
export interface ServiceContext<N extends Handles = Handles, I extends Inputs = Inputs>
  extends Pick<Context<N, I>, Serving> {}

/** What `ready` of a service gets. */
export interface ReadyContext<N extends Handles = Handles, I extends Inputs = Inputs>
  extends Omit<ProbeContext<N, I>, 'needs'> {
  readonly needs: NeedValues<N>
  /** What it has said so far, both streams line by line: the last 60 lines at most, secrets masked. */
  readonly output: string
}

/** What an effect left behind, as recorded; today's config has no say in it. */
export interface Recorded<V = unknown, I extends Inputs = Inputs> {
  /** The inputs of the last attempt. */
  readonly inputs: Partial<InputValues<I>>
  /** The value of the last success, if there was one. */
  readonly value: V | undefined
  readonly notes: Readonly<Record<string, unknown>>
}

/** What `undo` gets. */
export interface UndoContext<V = unknown, I extends Inputs = Inputs> {
  readonly name: string
  readonly root: string
  readonly recorded: Recorded<V, I>
  readonly exec: Exec
  /** The text of a recorded secret as it is now: what is recorded is where it comes from. Error: E_SECRET_MISSING. */
  secret(handle: Secret): string
  note(key: string, value: unknown): Promise<void>
  confirm(question: string): Promise<boolean>
  log(text: string): void
  warn(text: string): void
  progress(progress: Progress | string): void
  readonly signal: AbortSignal
}
