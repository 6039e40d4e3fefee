import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { defaultDownloadLimit } from '../../downloads/care.ts'
import { type RunRequest, type RunResult, run } from '../../engine/run.ts'
import type { Node } from '../../graph/graph.ts'
import { select } from '../../graph/select.ts'
import { exitCodes } from '../../model/error.ts'
import type { Ending, Report } from '../../model/event.ts'
import { createReport } from '../../report/index.ts'
import { defaultCacheLimit } from '../../state/eviction.ts'
import { jobsOf, type Options, verbosityOf, writerFor } from '../options.ts'
import { openSession, type Session } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'
import { callByName } from './registered.ts'

/** `lakitu <task…>`: brings these tasks up to date. `lakitu <name> <word…>`: calls a command that the config registers. */
export async function runCommand(
  names: readonly string[],
  options: Options,
  done: (code: number) => void,
): Promise<void> {
  const report = openReport(options)
  const stopping = listenForSignals()
  const session = await openSession({
    options,
    stopping,
    emit: (event) => report.on(event),
    terminal: standardTerminal('stdout'),
  })
  try {
    const command = session.loaded.commands.get(names[0] ?? '')
    if (command) {
      const running = { session, options: () => options, stopping }
      done(await untilStopped(stopping, () => callByName(command, names.slice(1), running)))
      return
    }
    const targets = select(session.project.graph, names, session.loaded.commands.keys())
    const result = await run(session.project, requestFor(session, targets, names.join(' '), options), stopping)
    done(stopping.exitCode() ?? exitCodeOf(result))
  } finally {
    await session.close()
    await report.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}

export function openReport(options: Options): Report {
  const terminal = standardTerminal('stdout')
  const kind = options.output ?? (terminal.isTerminal && !process.env['CI'] ? 'tree' : 'lines')
  const utcOffset = (at: number) => -new Date(at).getTimezoneOffset()
  return createReport(kind, { terminal, verbosity: verbosityOf(options), utcOffset })
}

export function requestFor(
  { loaded }: Session,
  targets: readonly Node[],
  command: string,
  options: Options,
): RunRequest {
  return {
    targets,
    force: options.force ?? false,
    jobs: jobsOf(options, loaded.config.jobs),
    keepGoing: options.keepGoing ?? false,
    pools: loaded.config.pools ?? {},
    cacheLimit: loaded.config.cacheLimit ?? defaultCacheLimit,
    downloadLimit: loaded.config.downloadLimit ?? defaultDownloadLimit,
    writer: writerFor(command, options),
  }
}

/** By the family of the errors; where there are several, the smallest code tells most. */
export function exitCodeOf({ endings }: RunResult): number {
  const codes = [...endings.values()].flatMap((ending: Ending) => {
    return ending.state === 'failed' ? [exitCodes[ending.error.family]] : []
  })
  return codes.length === 0 ? 0 : Math.min(...codes)
}
