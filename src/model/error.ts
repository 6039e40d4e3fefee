/** What went wrong, by who can mend it; decides the exit code of the command line. */
export type ErrorFamily = 'task' | 'usage' | 'world' | 'drift'

export const exitCodes: Readonly<Record<ErrorFamily, number>> = { task: 1, usage: 2, world: 3, drift: 4 }

export interface ErrorOptions {
  /** Stable and greppable, `E_` and upper case. */
  readonly code: string
  /** One sentence: what happened. */
  readonly headline: string
  /** What a reader needs to judge it: names and their values, in the order to print. */
  readonly facts?: Readonly<Record<string, string | undefined>>
  /** What to do next. A command on a line of its own where there is one. */
  readonly next?: string
  /** Default: `task` (exit 1). */
  readonly family?: ErrorFamily
  readonly cause?: unknown
}

/** An error that is told to the user without a stack: code, headline, facts, next step. */
export class LakituError extends Error {
  override readonly name = 'LakituError'
  readonly code: string
  readonly facts: Readonly<Record<string, string>>
  readonly next: string | undefined
  readonly family: ErrorFamily

  constructor(options: ErrorOptions) {
    super(options.headline, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.facts = Object.fromEntries(
      Object.entries(options.facts ?? {}).filter((fact): fact is [string, string] => fact[1] !== undefined),
    )
    this.next = options.next
    this.family = options.family ?? 'task'
  }
}

/** An error as data, for events, records and `--json`. */
export interface ErrorReport {
  readonly code: string
  readonly headline: string
  readonly facts: Readonly<Record<string, string>>
  readonly next?: string
  readonly family: ErrorFamily
  /** Only of errors that are nobody's plan: a bug in a task's function, or in lakitu. */
  readonly stack?: string
}

export function reportOf(error: unknown): ErrorReport {
  if (error instanceof LakituError) {
    const { code, message: headline, facts, next, family } = error
    return { code, headline, facts, family, ...(next === undefined ? {} : { next }) }
  }
  const known = systemError(error)
  if (known) return known
  if (error instanceof Error) {
    const stack = error.stack ?? ''
    return { code: 'E_UNEXPECTED', headline: `${error.name}: ${error.message}`, facts: {}, family: 'task', stack }
  }
  return { code: 'E_UNEXPECTED', headline: String(error), facts: {}, family: 'task' }
}

const systemHints: Readonly<Record<string, readonly [headline: string, next: string]>> = {
  ENOSPC: ['The disk is full', 'Free some space, then run the same command again.'],
  EDQUOT: ['The disk quota is used up', 'Free some space, then run the same command again.'],
  EROFS: ['The file system is read-only', 'Work in a folder that can be written.'],
  EACCES: ['Permission was denied', 'Check who owns the file, then run the same command again.'],
  EPERM: ['The operation is not permitted', 'Check who owns the file, then run the same command again.'],
  ENAMETOOLONG: ['A name or a path is too long', 'Choose shorter names, then run the same command again.'],
  ENFILE: ['Too many files are open on this machine', 'End what is not needed, then run the same command again.'],
  EMFILE: ['Too many files are open', 'Raise the limit (ulimit -n 4096) or lower --jobs.'],
}

/** Whether it is known in words what the operating system refused. */
export function isSystemError(error: unknown): boolean {
  return systemError(error) !== undefined
}

/** Something else is where a folder is to be. It is left alone: nobody knows whose it is. */
export function inTheWay(path: string): LakituError {
  return new LakituError({
    code: 'E_IN_THE_WAY',
    headline: `${path} is no folder, and one is to be there`,
    next: 'Move it out of the way, then run the same command again.',
    family: 'world',
  })
}

/** What the operating system refused, in words. */
function systemError(error: unknown): ErrorReport | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const hint = systemHints[error.code]
  if (!hint) return undefined
  const path = 'path' in error && typeof error.path === 'string' ? { path: error.path } : {}
  const facts = { ...path, system: error.message }
  return { code: `E_${error.code.replace(/^E/, '')}`, headline: hint[0], facts, next: hint[1], family: 'world' }
}
