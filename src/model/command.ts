import type { Context } from './context.ts'

/** An option of a command: `--name`, or `--name <value>`. */
export interface CommandOption {
  readonly about: string
  /** What its value is called in the help, such as `n`; without it the option is a switch. */
  readonly value?: string
}

export interface CommandArgument {
  readonly name: string
  readonly about: string
  /** Takes all words that are left; only the last one can. Default false. */
  readonly many?: boolean
  /** Default false. */
  readonly optional?: boolean
}

export type CommandOptions = Readonly<Record<string, CommandOption>>

/** What was said on the command line. */
export type GivenOptions<O extends CommandOptions> = {
  readonly [K in keyof O]?: O[K] extends { readonly value: string } ? string : boolean
}

/** What the `run` of a command gets. It has no record, and the lock of the tree only in `alone`: what it does is up to it. */
export interface CommandContext<O extends CommandOptions = CommandOptions>
  extends Pick<
    Context,
    'root' | 'exec' | 'fetch' | 'fetchText' | 'fetchSize' | 'keep' | 'offline' | 'confirm' | 'signal'
  > {
  /** The words of its arguments, in order. */
  readonly args: readonly string[]
  readonly options: GivenOptions<O>
  /** Whether it is to answer as JSON (`--json`). */
  readonly json: boolean
  /**
   * Runs it while no other lakitu works in this tree, and waits for one that does, with a word. Errors: E_LOCKED with `--no-wait`;
   * E_NESTED inside a task of this tree.
   */
  alone<T>(action: () => Promise<T>): Promise<T>
  /** The answer, to stdout; a line end is added. */
  out(text: string): void
  /** What it says on the way, to stderr; nothing with `--quiet`. */
  log(text: string): void
  /** What the person should know or do, to stderr. */
  warn(text: string): void
}

/** A command of the command line that a kit or a project registers: `lakitu <name>`. */
export interface Command<O extends CommandOptions = CommandOptions> {
  readonly kind: 'command'
  readonly name: string
  readonly about: string
  readonly arguments: readonly CommandArgument[]
  readonly options: O
  /** A number that it returns is the exit code; an error gives its own. */
  run(context: CommandContext<O>): unknown
  /** Where it was declared. */
  readonly site: string
}
