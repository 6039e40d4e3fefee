import { fileWatcher } from '../../adapters/chokidar.ts'
import { standardKeyboard } from '../../adapters/terminal/keyboard.ts'
import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { run } from '../../engine/run.ts'
import { type Watched, watch } from '../../engine/watch.ts'
import { select } from '../../graph/select.ts'
import { LakituError, reportOf } from '../../model/error.ts'
import { errorText } from '../../report/index.ts'
import { type Options, writerFor } from '../options.ts'
import { openSession, type Session } from '../session.ts'
import { listenForSignals } from '../signals.ts'
import { openReport, requestFor } from './run.ts'

/** `lakitu watch [task…]`: keeps the tasks up to date while files change; the config's default if none is named. */
export async function watchCommand(names: readonly string[], options: Options): Promise<number> {
  const report = openReport(options)
  const stopping = listenForSignals()
  let session = await openSession({
    options,
    stopping,
    emit: (event) => report.on(event),
    terminal: standardTerminal('stdout'),
  })
  const command = `watch ${names.join(' ')}`.trim()
  try {
    await watch({
      first: watchedOf(session, names),
      watcher: fileWatcher((text) => report.on({ type: 'notice', at: Date.now(), level: 'warning', text })),
      signal: stopping.signal,
      hurry: stopping.hurry,
      writer: writerFor(command, options),
      interrupt: () => stopping.interrupt(),
      // With the view in a pipe nobody sees which keys there are.
      ...(standardTerminal('stdout').isTerminal ? { keyboard: standardKeyboard() } : {}),
      run: ({ project, targets }, extra) => {
        const wanted = [...new Set([...targets, ...extra.forced])]
        const request = requestFor(session, wanted, command, options)
        return run(project, { ...request, force: request.force && extra.memory.isNew, ...extra }, stopping)
      },
      reload: async () => {
        try {
          const next = await session.reload()
          const watched = watchedOf(next, names)
          session = next
          return watched
        } catch (error) {
          standardTerminal('stderr').write(errorText(reportOf(error)))
          return undefined
        }
      },
    })
    return stopping.exitCode() ?? 0
  } finally {
    await session.close()
    await report.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}

function watchedOf({ project, loaded }: Session, names: readonly string[]): Watched {
  const { graph } = project
  const wanted = names.length > 0 ? names : graph.watched.map((node) => node.name)
  const targets = select(graph, wanted)
  if (targets.length > 0) return { project, targets, modules: loaded.modules, observed: loaded.observed }
  throw new LakituError({
    code: 'E_NO_DEFAULT',
    headline: 'The config does not say what to watch',
    next: 'Name a task: lakitu watch <task>, or give defineConfig a default, or a list `watch`.',
    family: 'usage',
  })
}
