import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { abandoned } from '../../engine/forget.ts'
import { type Forecast, plan } from '../../engine/plan.ts'
import type { Node } from '../../graph/graph.ts'
import { tableText } from '../../report/index.ts'
import { count } from '../../util/text.ts'
import type { Options } from '../options.ts'
import { openForReading, type Session } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'
import { width } from './plan.ts'

/** `lakitu`: the tasks, what each is for, whether it is fresh. Tasks without `about` are folded. */
export async function overviewCommand(options: Options): Promise<number> {
  const stopping = listenForSignals()
  const session = await openForReading(options, stopping)
  try {
    return await untilStopped(stopping, async () => {
      const forecasts = await plan(session.project, shown(session), false, stopping.signal)
      if (!stopping.signal.aborted) standardTerminal('stdout').write(overview(session, forecasts))
      return 0
    })
  } finally {
    await session.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}

function shown({ project }: Session): readonly Node[] {
  return project.graph.nodes.filter((node) => node.definition.about !== undefined)
}

function overview(session: Session, forecasts: readonly Forecast[]): string {
  const { graph } = session.project
  const kinds = new Map(forecasts.map((forecast) => [forecast.node, forecast.kind]))
  const tasks = shown(session)
  const rows = tasks.map((node) => [nameOf(node), stateOf(node, kinds.get(node)), node.definition.about ?? ''])
  const folded = graph.nodes.length - tasks.length
  const gone = abandoned(session.project).map(
    (name) => `abandoned: ${name} ran here and is in the config no more (lakitu forget ${name})\n`,
  )
  const others = folded > 0 ? `and ${count(folded, 'task')} without a description (lakitu list)\n` : ''
  return [tableText(rows, width()), ...gone, others].join('')
}

function nameOf({ name, definition }: Node): string {
  return definition.aliases.length > 0 ? `${name} (${definition.aliases.join(', ')})` : name
}

function stateOf({ definition }: Node, kind: Forecast['kind'] | undefined): string {
  if (definition.kind === 'service') return 'service'
  if (definition.always) return 'on demand'
  return kind === 'fresh' ? 'fresh' : 'stale'
}

/** `lakitu list`: the names, for programs; `--json` tells more. Looks at nothing but the config. */
export async function listCommand(options: Options): Promise<number> {
  const session = await openForReading(options)
  const { nodes } = session.project.graph
  const tasks = nodes.map(({ name, definition, requires, after }) => ({
    name,
    kind: definition.kind,
    about: definition.about,
    aliases: definition.aliases,
    needs: requires.map((need) => need.name),
    after: after.map((other) => other.name),
    declared: definition.site,
  }))
  const text = options.json ? JSON.stringify(tasks, null, 2) : tasks.map((task) => task.name).join('\n')
  standardTerminal('stdout').write(`${text}\n`)
  await session.close()
  return 0
}
