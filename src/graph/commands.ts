import type { Command } from '../model/command.ts'
import type { TaskSource } from '../model/config.ts'
import { LakituError } from '../model/error.ts'
import { builtInCommands, commandsOfKits, commonOptions, isTaskName } from '../model/names.ts'
import { commandsIn } from './collect.ts'
import type { Graph } from './graph.ts'

/** The commands that the config registers, by name. Errors: E_COMMAND_NAME, E_DOUBLE_NAME, E_COMMAND_OPTION. */
export function commandsOf(source: TaskSource, { byName }: Pick<Graph, 'byName'>): ReadonlyMap<string, Command> {
  const commands = new Map<string, Command>()
  for (const command of commandsIn(source)) {
    const { name, site } = command
    if (!isTaskName(name)) throw badName(command, 'has characters that the name of a command cannot have')
    if (builtInCommands.includes(name) && !commandsOfKits.includes(name)) {
      throw badName(command, "is the name of one of lakitu's own commands")
    }
    const other = commands.get(name)?.site ?? byName.get(name)?.definition.site
    if (other !== undefined) throw doubleName(name, other, site)
    checkOptions(command)
    commands.set(name, command)
  }
  return commands
}

function checkOptions({ name, options, site }: Command): void {
  for (const option of Object.keys(options)) {
    const why = commonOptions.includes(option)
      ? 'is one that every command has'
      : /^[a-z][a-z0-9-]+$/.test(option)
        ? undefined
        : 'is no name of an option'
    if (why === undefined) continue
    throw new LakituError({
      code: 'E_COMMAND_OPTION',
      headline: `The option ${JSON.stringify(option)} of the command ${name} ${why}`,
      facts: { declared: site },
      next: 'Give it another name, of lower case letters, digits and dashes.',
      family: 'usage',
    })
  }
}

function badName({ name, site }: Command, why: string): LakituError {
  return new LakituError({
    code: 'E_COMMAND_NAME',
    headline: `The command name ${JSON.stringify(name)} ${why}`,
    facts: { declared: site },
    next: 'Give the command another name.',
    family: 'usage',
  })
}

function doubleName(name: string, first: string, second: string): LakituError {
  return new LakituError({
    code: 'E_DOUBLE_NAME',
    headline: `A command and something else have the name ${name}`,
    facts: { first, second },
    next: 'Give one of them another name.',
    family: 'usage',
  })
}
