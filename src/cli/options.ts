import { availableParallelism } from 'node:os'
import { InvalidArgumentError } from 'commander'
import type { Verbosity } from '../report/index.ts'

/** The options that every command takes. */
export interface Options {
  readonly jobs?: number
  readonly keepGoing?: boolean
  readonly force?: boolean
  readonly output?: 'tree' | 'lines' | 'ndjson'
  readonly json?: boolean
  readonly offline?: boolean
  readonly yes?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** `--no-wait` makes it false. */
  readonly wait: boolean
  readonly C?: string
  readonly config?: string
}

export function positive(text: string): number {
  const n = Number(text)
  if (Number.isInteger(n) && n > 0) return n
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

export function jobsOf(options: Options, configured: number | undefined): number {
  return options.jobs ?? configured ?? Math.max(2, availableParallelism())
}

export function verbosityOf({ quiet, verbose }: Options): Verbosity {
  return quiet ? 'quiet' : verbose ? 'verbose' : 'normal'
}
