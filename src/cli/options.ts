import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { standardTerminal } from '../adapters/terminal/terminal.ts'
import type { WriterOptions } from '../engine/writer.ts'
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

function positive(text: string): number {
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

/** How a command becomes the one writer of the tree. */
export function writerFor(command: string, { wait }: Options): WriterOptions {
  return { command, pid: process.pid, wait }
}

/** Where usage and its errors go. A reader that is gone (`lakitu --help | head -1`) is no error. */
export const texts = {
  writeOut: (text: string) => standardTerminal('stdout').write(text),
  writeErr: (text: string) => standardTerminal('stderr').write(text),
}

/** The options that every command takes, wherever they stand. */
export function withCommonOptions(lakitu: Command): Command {
  return lakitu
    .option('-j, --jobs <n>', 'how many tasks run at the same time', positive)
    .option('-k, --keep-going', 'after a failure go on with what does not need the failed task')
    .option('-f, --force', 'run the named tasks even when they are fresh')
    .addOption(new Option('--output <kind>', 'how a run is shown').choices(['tree', 'lines', 'ndjson']))
    .option('--json', 'answer as JSON')
    .option('--offline', 'download nothing: what is needed must be in the cache of downloads')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-wait', 'do not wait for another lakitu in this folder, fail instead')
    .option('-q, --quiet', 'show failures and the summary only')
    .option('-v, --verbose', 'show every line of the logs')
    .option('-C <dir>', 'run as if started in this folder')
    .option('--config <file>', 'the config, where it is not lakitu.config.ts here or in a folder above')
}
