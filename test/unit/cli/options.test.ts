import { Command } from 'commander'
import { expect, test } from 'vitest'
import { withCommonOptions } from '../../../src/cli/options.ts'
import { program } from '../../../src/cli/program.ts'
import { builtInCommands, commandsOfKits, commonOptions } from '../../../src/model/names.ts'

test('no command that a config registers can take the name of an option or of a command that lakitu has', () => {
  const names = withCommonOptions(new Command()).options.flatMap(({ long }) => (long ? [long.slice(2)] : []))
  expect(names.filter((name) => !commonOptions.includes(name))).toEqual([])
  const own = program(() => {}).commands.map((command) => command.name())
  expect(own.length).toBeGreaterThan(5)
  expect(own.filter((name) => !builtInCommands.includes(name) || commandsOfKits.includes(name))).toEqual([])
})
