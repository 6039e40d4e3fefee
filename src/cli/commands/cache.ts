import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { defaultDownloadLimit, type Evicted, type Survey } from '../../downloads/care.ts'
import { Writer } from '../../engine/writer.ts'
import type { Event } from '../../model/event.ts'
import { defaultCacheLimit, type Extent } from '../../state/eviction.ts'
import { bytes } from '../../util/text.ts'
import { cacheText } from '../cache-text.ts'
import { type Options, writerFor } from '../options.ts'
import { openForReading, openSession, type Session } from '../session.ts'
import { listenForSignals, type Stopping, untilStopped } from '../signals.ts'
import { width } from './plan.ts'

/** `lakitu cache`: what the caches hold; `--gc` takes away what was used longest ago, down to the limits. */
export async function cacheCommand({ gc = false }: { readonly gc?: boolean }, options: Options): Promise<number> {
  const stopping = listenForSignals()
  const session = await (gc ? openSession({ options, stopping, emit: tell }) : openForReading(options, stopping))
  try {
    return await untilStopped(stopping, async () => {
      const text = gc ? await collect(session, options, stopping) : shown(session, options)
      standardTerminal('stdout').write(text)
      return 0
    })
  } finally {
    await session.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}

/** That another lakitu is waited for, and what is damaged. */
function tell(event: Event): void {
  if (event.type === 'notice') standardTerminal('stderr').write(`${event.text}\n`)
}

function limitsOf({ loaded: { config } }: Session): { readonly downloads: number; readonly results: number } {
  return {
    downloads: config.downloadLimit ?? defaultDownloadLimit,
    results: config.cacheLimit ?? defaultCacheLimit,
  }
}

function shown(session: Session, options: Options): string {
  const { downloads, state, ports, graph } = session.project
  const limits = limitsOf(session)
  const survey: Survey = downloads.survey()
  const extent: Extent = state.results.extent()
  if (options.json) {
    const found = {
      downloads: { ...survey, limit: limits.downloads },
      results: { folder: state.cache, ...extent, limit: limits.results },
    }
    return `${JSON.stringify(found, null, 2)}\n`
  }
  const view = { limits, now: ports.clock.now(), root: graph.root, ...width() }
  return cacheText({ downloads: survey, results: { folder: state.cache, ...extent } }, view)
}

async function collect(session: Session, options: Options, stopping: Stopping): Promise<string> {
  const { project } = session
  const limits = limitsOf(session)
  const downloads: Evicted = project.downloads.evict(limits.downloads)
  const writer = new Writer(project, writerFor('cache --gc', options), stopping.signal)
  writer.refuseInside()
  try {
    await writer.take()
    const won = project.state.results.trim(limits.results)
    if (options.json) return `${JSON.stringify({ downloads, results: { won } }, null, 2)}\n`
    return `downloads: ${bytes(downloads.won)} won, ${downloads.gone} gone, ${bytes(downloads.left)} left\nresults: ${bytes(won)} won\n`
  } finally {
    writer.release()
  }
}
