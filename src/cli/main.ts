import { CommanderError } from 'commander'
import { standardTerminal } from '../adapters/terminal/terminal.ts'
import { exitCodes, reportOf } from '../model/error.ts'
import { errorText, paint } from '../report/index.ts'
import { parseWithKits } from './kit-commands.ts'
import { program } from './program.ts'

/** The command line. Sets the exit code and lets the process end by itself, so that no output is cut off. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  // A task's function may wait for something that keeps no process alive: it is waited for all the same.
  const alive = setInterval(() => {}, 2 ** 30)
  try {
    const done = (code: number) => {
      process.exitCode = code
    }
    const lakitu = program(done)
    for (const command of [lakitu, ...lakitu.commands]) command.exitOverride()
    await parseWithKits(lakitu, argv, done)
  } catch (error) {
    process.exitCode = tell(error)
  } finally {
    clearInterval(alive)
    endWhenSaid()
  }
}

/** What a task's function left behind (a timer, a server) keeps the process from ending by itself. */
function endWhenSaid(): void {
  const look = () => {
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit()
  }
  setInterval(look, 500).unref()
}

/** Prints what went wrong and answers the exit code. */
function tell(error: unknown): number {
  // Commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
  const terminal = standardTerminal('stderr')
  const report = reportOf(error)
  terminal.write(errorText(report, {}, paint(terminal.colors)))
  return exitCodes[report.family]
}
