import { fileWatcher } from '../../adapters/chokidar.ts'
import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { run } from '../../engine/run.ts'
import { type Watched, watch } from '../../engine/watch.ts'
import { select } from '../../graph/select.ts'
import { LakituError, reportOf } from '../../model/error.ts'
import { errorText } from '../../report/index.ts'
import type { Options } from '../options.ts'
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
      run: ({ project, targets }, extra) => {
        const request = requestFor(session, targets, command, options)
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
  const targets = names.length > 0 ? select(graph, names) : graph.defaultNode ? [graph.defaultNode] : []
  if (targets.length > 0) return { project, targets, modules: loaded.modules, observed: loaded.observed }
  throw new LakituError({
    code: 'E_NO_DEFAULT',
    headline: 'The config has no default task to watch',
    next: 'Name one: lakitu watch <task>, or give defineConfig a default.',
    family: 'usage',
  })
}
