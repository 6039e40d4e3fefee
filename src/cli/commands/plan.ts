import { resolve } from 'node:path'
import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { explain, settledBefore } from '../../engine/explain.ts'
import { type Forecast, plan } from '../../engine/plan.ts'
import { select } from '../../graph/select.ts'
import { reasonText } from '../../model/reason.ts'
import { reasonsText, tableText } from '../../report/index.ts'
import { duration, listing } from '../../util/text.ts'
import { visible } from '../../util/width.ts'
import type { Options } from '../options.ts'
import { openForReading, type Session } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'
import { editJson, editText, foreseeEdits } from './plan-file.ts'

export interface PlanOptions {
  /** What edits of these would run is asked. */
  readonly file?: readonly string[]
}

/** `lakitu plan [task…]`: what would run, what may, what is fresh; with `--file`, what an edit of it concerns. Writes nothing. */
export async function planCommand(names: readonly string[], how: PlanOptions, options: Options): Promise<number> {
  const { file: files = [] } = how
  if (files.length > 0) return planOfEdits(names, files, options)
  return withPlan(names, options, async (forecasts, { project }, signal) => {
    const explained = new Map<Forecast, readonly string[]>()
    const settled = settledBefore(project)
    const asked = forecasts.filter(({ kind, node }) => kind === 'will' && node.definition.effect?.explain)
    for (const forecast of asked) {
      explained.set(forecast, await explain(project, forecast.node, { settled, signal }))
    }
    const explains = (forecast: Forecast) => explained.get(forecast) ?? []
    if (options.json) {
      const answers = forecasts.map((each) => ({
        ...asJson(each),
        ...(explained.has(each) ? { explains: explains(each) } : {}),
      }))
      return `${JSON.stringify(answers, null, 2)}\n`
    }
    return forecasts.length === 0 ? 'There are no tasks.\n' : planText(forecasts, explains)
  })
}

function planText(forecasts: readonly Forecast[], explains: (forecast: Forecast) => readonly string[]): string {
  const rows = forecasts.map((forecast) => [kindText[forecast.kind], forecast.node.name, whyText(forecast)])
  const lines = tableText(rows, width()).split('\n')
  return forecasts
    .flatMap((forecast, at) => [lines[at] ?? '', ...explains(forecast).map((line) => `  ${line}`)])
    .map((line) => `${line}\n`)
    .join('')
}

async function planOfEdits(names: readonly string[], files: readonly string[], options: Options): Promise<number> {
  // Before the session goes to the project's root.
  const from = resolve(options.C ?? '.')
  return withSession(options, async (session, signal) => {
    const edits = await foreseeEdits(session, { files, from, names, signal })
    return options.json ? `${JSON.stringify(edits.map(editJson), null, 2)}\n` : edits.map(editText).join('')
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
  show: (forecasts: readonly Forecast[], session: Session, signal: AbortSignal) => string | Promise<string>,
): Promise<number> {
  return withSession(options, async (session, signal) => {
    const { graph } = session.project
    // Without a name nobody asks for a service: it is in the plan where something needs it.
    const tasks = graph.nodes.filter((node) => node.definition.kind !== 'service')
    const targets = names.length > 0 ? select(graph, names) : graph.defaultNode ? [graph.defaultNode] : tasks
    return show(await plan(session.project, targets, options.force ?? false, signal), session, signal)
  })
}

/** Prints what is found, unless it is stopped meanwhile: what a probe that was stopped has seen is no forecast. */
async function withSession(
  options: Options,
  look: (session: Session, signal: AbortSignal) => Promise<string>,
): Promise<number> {
  const stopping = listenForSignals()
  const session = await openForReading(options, stopping)
  try {
    return await untilStopped(stopping, async () => {
      const text = await look(session, stopping.signal)
      if (!stopping.signal.aborted) standardTerminal('stdout').write(text)
      return 0
    })
  } finally {
    await session.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}
