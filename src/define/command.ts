import type { Command, CommandArgument, CommandContext, CommandOptions } from '../model/command.ts'
import { callsite } from './callsite.ts'

export interface CommandSpec<O extends CommandOptions> {
  /** One line for the help. */
  readonly about: string
  readonly arguments?: readonly CommandArgument[]
  /** By name, without the dashes. Not those that every command has: E_COMMAND_OPTION. */
  readonly options?: O
  /** A number that it returns is the exit code, default 0. A `LakituError` ends it with the code of its family. */
  readonly run: (context: CommandContext<O>) => unknown
}

/**
 * A command `lakitu <name>`, registered by being among the `tasks` of the config, as tasks are. For what answers a question or changes
 * files of the project on a person's word; what has inputs and outputs is a task. Errors at load: E_COMMAND_NAME, E_DOUBLE_NAME, E_COMMAND_OPTION.
 */
export function command<const O extends CommandOptions = Readonly<Record<never, never>>>(
  name: string,
  spec: CommandSpec<O>,
): Command {
  const { about, arguments: words = [], options = {}, run } = spec
  const { site } = callsite(command)
  return { kind: 'command', name, about, arguments: words, options, run, site }
}
