import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { type Forecast, plan } from '../../engine/plan.ts'
import { select } from '../../graph/select.ts'
import { reasonText } from '../../model/reason.ts'
import { reasonsText, tableText } from '../../report/index.ts'
import { duration, listing } from '../../util/text.ts'
import { visible } from '../../util/width.ts'
import type { Options } from '../options.ts'
import { openForReading, type Session } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'

/** `lakitu plan [task…]`: what would run, what may, what is fresh. Writes nothing. */
export async function planCommand(names: readonly string[], options: Options): Promise<number> {
  return withPlan(names, options, (forecasts) => {
    if (options.json) return `${JSON.stringify(forecasts.map(asJson), null, 2)}\n`
    const rows = forecasts.map((forecast) => [kindText[forecast.kind], forecast.node.name, whyText(forecast)])
    return rows.length === 0 ? 'There are no tasks.\n' : tableText(rows, width())
  })
}

/** `lakitu why <task>`: every reason for which it would run, value by value. Writes nothing. */
export async function whyCommand(name: string, options: Options): Promise<number> {
  return withPlan([name], options, (forecasts, { project }) => {
    const [node] = select(project.graph, [name])
    const forecast = forecasts.find((f) => f.node === node)
    if (!forecast) return ''
    const { success } = project.state.history(forecast.node.name, forecast.node.definition.kind)
    const discovered = Object.keys(success?.discovered ?? {})
    if (options.json) return `${JSON.stringify({ ...asJson(forecast), discovered }, null, 2)}\n`
    const last = success && `last done ${new Date(success.at).toLocaleString()}, took ${duration(success.ms)}`
    const lines = [
      `${forecast.node.name}: ${kindText[forecast.kind]}`,
      ...forecast.reasons.map((reason) => `  ${reasonText(reason)}`),
      ...(forecast.ifChanged.length > 0 ? [`  runs before it: ${forecast.ifChanged.join(', ')}`] : []),
      ...(discovered.length > 0 ? [`  discovered inputs: ${listing(discovered.map(visible))}`] : []),
      ...(last === undefined ? [] : [`  ${last}`]),
    ]
    return `${lines.join('\n')}\n`
  })
}

const kindText = { will: 'will run', may: 'may run', fresh: 'fresh', idle: 'not needed' }

function whyText({ kind, reasons, ifChanged }: Forecast): string {
  const own = reasonsText(reasons)
  return kind === 'may' ? [own, `if ${ifChanged.join(', ')} changes`].filter((part) => part !== '').join('; ') : own
}

function asJson({ node, kind, reasons, ifChanged }: Forecast): object {
  return { task: node.name, forecast: kind, reasons, ifChanged }
}

export function width(): { columns?: number } {
  const { isTerminal, columns } = standardTerminal('stdout')
  return isTerminal ? { columns } : {}
}

/** Without names: the default task, or all tasks where there is none. */
async function withPlan(
  names: readonly string[],
  options: Options,
  show: (forecasts: readonly Forecast[], session: Session) => string,
): Promise<number> {
  const stopping = listenForSignals()
  const session = await openForReading(options, stopping)
  try {
    const { graph } = session.project
    // Without a name nobody asks for a service: it is in the plan where something needs it.
    const tasks = graph.nodes.filter((node) => node.definition.kind !== 'service')
    const targets = names.length > 0 ? select(graph, names) : graph.defaultNode ? [graph.defaultNode] : tasks
    return await untilStopped(stopping, async () => {
      const forecasts = await plan(session.project, targets, options.force ?? false, stopping.signal)
      // What a probe that was stopped has seen is no forecast.
      if (!stopping.signal.aborted) standardTerminal('stdout').write(show(forecasts, session))
      return 0
    })
  } finally {
    await session.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}
