import { Command } from 'commander'
import { commanderOf } from './commands/registered.ts'
import { type Options, withCommonOptions } from './options.ts'
import { openForReading, type Session } from './session.ts'
import { listenForSignals, untilStopped } from './signals.ts'

const help = ['-h', '--help']

/**
 * Parses the command line where the config may have a say in it before: where more than words stands behind a name that is none of lakitu's own
 * commands, or help is asked for. Else the config is loaded by the command itself, once.
 */
export async function parseWithKits(lakitu: Command, argv: readonly string[], done: (code: number) => void) {
  const { operands, unknown, options } = looked(argv)
  const wantsHelp = unknown.some((word) => help.includes(word))
  const [first] = operands
  const isOwn = lakitu.commands.some((command) => command.name() === first)
  const isPlain = unknown.length === 0 && !argv.includes('--')
  if (isOwn || isPlain || (first === undefined && !wantsHelp)) {
    await lakitu.parseAsync(argv)
    return
  }
  const stopping = listenForSignals()
  let code = 0
  const end = (ended: number) => {
    code = ended
  }
  const session = await open(options, stopping, wantsHelp)
  try {
    const { commands } = session?.loaded ?? {}
    if (session && commands && (first === undefined || commands.has(first))) {
      const running = { session, options: () => lakitu.opts<Options>(), stopping, done: end }
      for (const command of commands.values()) lakitu.addCommand(commanderOf(command, running))
    }
    const parsed = async () => {
      await lakitu.parseAsync(argv)
      return code
    }
    done(await untilStopped(stopping, parsed))
  } finally {
    await session?.close()
    stopping.dispose((text) => session?.project.secrets.mask(text) ?? text)
  }
}

/** Help is given also where no config is, or one that does not load. */
async function open(
  options: Options,
  stopping: ReturnType<typeof listenForSignals>,
  isForHelp: boolean,
): Promise<Session | undefined> {
  try {
    return await openForReading(options, stopping)
  } catch (error) {
    if (isForHelp) return undefined
    stopping.dispose()
    throw error
  }
}

/** The words as far as they can be told apart without the config; what is wrong with them is told by the real parsing. */
function looked(argv: readonly string[]): {
  operands: readonly string[]
  unknown: readonly string[]
  options: Options
} {
  const words = argv.slice(2)
  const end = words.indexOf('--')
  const silent = withCommonOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  try {
    const { operands, unknown } = silent.parseOptions(end === -1 ? words : words.slice(0, end))
    return { operands, unknown, options: silent.opts<Options>() }
  } catch {
    return { operands: [], unknown: [], options: silent.opts<Options>() }
  }
}
