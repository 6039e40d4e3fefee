import { Command as Commander } from 'commander'
import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { defaultDownloadLimit } from '../../downloads/care.ts'
import { commandContext } from '../../engine/command.ts'
import type { Command, CommandArgument } from '../../model/command.ts'
import { type Options, texts, writerFor } from '../options.ts'
import type { Session } from '../session.ts'
import type { Stopping } from '../signals.ts'

/** What a registered command is run with. */
export interface Running {
  readonly session: Session
  readonly options: () => Options
  readonly stopping: Stopping
  readonly done: (code: number) => void
}

/** A command of the config as the command line knows it: its arguments and options are checked there, its help is made there. */
export function commanderOf(command: Command, running: Running): Commander {
  const commander = new Commander(command.name).description(command.about).configureOutput(texts).exitOverride()
  for (const argument of command.arguments) commander.argument(usageOf(argument), argument.about)
  for (const [name, { about, value }] of Object.entries(command.options)) {
    commander.option(value === undefined ? `--${name}` : `--${name} <${value}>`, about)
  }
  return commander.action(async () => running.done(await call(command, commander, running)))
}

/** The call of a command by words alone, which the command line took for names of tasks. */
export async function callByName(
  command: Command,
  words: readonly string[],
  running: Omit<Running, 'done'>,
): Promise<number> {
  let code = 0
  const done = (ended: number) => {
    code = ended
  }
  await commanderOf(command, { ...running, done }).parseAsync(['--', ...words], { from: 'user' })
  return code
}

function usageOf({ name, many = false, optional = false }: CommandArgument): string {
  const inside = many ? `${name}...` : name
  return optional ? `[${inside}]` : `<${inside}>`
}

async function call(command: Command, commander: Commander, { session, options, stopping }: Running): Promise<number> {
  const [stdout, stderr] = [standardTerminal('stdout'), standardTerminal('stderr')]
  const { json = false, quiet = false } = options()
  const given = Object.fromEntries(
    commander.options.map((option) => {
      return [option.long?.slice(2) ?? '', commander.getOptionValue(option.attributeName())] as const
    }),
  )
  const context = commandContext(
    session.project,
    {
      name: command.name,
      args: commander.args,
      options: given,
      json,
      writer: writerFor(command.name, options()),
      out: (text) => stdout.write(`${text}\n`),
      log: (text) => void (quiet || stderr.write(`${text}\n`)),
      warn: (text) => stderr.write(`warning: ${text}\n`),
    },
    stopping,
  )
  const { project, loaded } = session
  try {
    const code = await command.run(context)
    return stopping.exitCode() ?? (typeof code === 'number' ? code : 0)
  } finally {
    project.downloads.end(loaded.config.downloadLimit ?? defaultDownloadLimit)
  }
}
