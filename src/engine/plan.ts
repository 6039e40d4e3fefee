import type { Graph, Node } from '../graph/graph.ts'
import { programPath } from '../graph/program.ts'
import { closure } from '../graph/select.ts'
import { reportOf } from '../model/error.ts'
import type { Reason } from '../model/reason.ts'
import { treePath } from '../util/paths.ts'
import { check } from './check.ts'
import { learnSecrets, maskReasons } from './masking.ts'
import type { Project } from './project.ts'
import type { Settlement } from './settled.ts'

/**
 * What a run would do with a task: `will` run, `may` run if one of `ifChanged` comes to another result, is `fresh`.
 * A run keeps this promise as long as nothing is edited meanwhile: will ⊆ ran ⊆ will ∪ may.
 */
export interface Forecast {
  readonly node: Node
  readonly kind: 'will' | 'may' | 'fresh'
  readonly reasons: readonly Reason[]
  /** Names of needs that run before it. */
  readonly ifChanged: readonly string[]
}

/** Looks at everything that the targets need, and writes nothing. */
export async function plan(
  project: Project,
  targets: readonly Node[],
  force: boolean,
  signal: AbortSignal,
): Promise<readonly Forecast[]> {
  const forecasts = new Map<Node, Forecast>()
  const settled = new Map<Node, Settlement>()
  project.stats.newStamp()
  learnSecrets(project)
  const look = async (wanted: readonly Node[]): Promise<void> => {
    for (const node of closure(project.graph, wanted, 'needs')) {
      if (forecasts.has(node)) continue
      const forecast = await foresee(project, node, forecasts, settled, force && targets.includes(node), signal)
      forecasts.set(node, forecast)
      if (forecast.kind !== 'fresh') await look(node.after)
    }
  }
  await look(targets)
  const sure = lookedAtForSure(project.graph, targets, forecasts)
  return project.graph.nodes.flatMap((node) => {
    const found = forecasts.get(node)
    if (!found) return []
    const forecast = { ...found, reasons: maskReasons(project.secrets, found.reasons) }
    return forecast.kind === 'will' && !sure.has(node) ? { ...forecast, kind: 'may' } : forecast
  })
}

/** What comes before a task by `after` is run only where that task is: one that may run promises nothing for it. */
function lookedAtForSure(
  graph: Graph,
  targets: readonly Node[],
  forecasts: ReadonlyMap<Node, Forecast>,
): ReadonlySet<Node> {
  const sure = new Set<Node>()
  let next = targets
  while (next.length > 0) {
    const found = closure(graph, next, 'needs').filter((node) => !sure.has(node))
    for (const node of found) sure.add(node)
    next = found.filter((node) => forecasts.get(node)?.kind === 'will').flatMap((node) => node.after)
  }
  return sure
}

async function foresee(
  project: Project,
  node: Node,
  forecasts: ReadonlyMap<Node, Forecast>,
  settled: Map<Node, Settlement>,
  forced: boolean,
  signal: AbortSignal,
): Promise<Forecast> {
  const { success } = project.state.history(node.name, node.definition.kind)
  if (success) {
    const { value, result, run, outputs } = success
    settled.set(node, { value, result, run, outputs })
  }
  const running = node.requires.filter((need) => forecasts.get(need)?.kind !== 'fresh')
  const ifChanged = running.map((need) => need.name)
  try {
    const verdict = await check(project, node, settled, forced, signal)
    if (verdict.kind === 'fresh') return { node, kind: ifChanged.length > 0 ? 'may' : 'fresh', reasons: [], ifChanged }
    const own = verdict.reasons.filter((reason) => !hangsOn(project.graph, node, reason, running, forecasts))
    if (own.length > 0) return { node, kind: 'will', reasons: own, ifChanged }
    return { node, kind: 'may', reasons: verdict.reasons, ifChanged }
  } catch (error) {
    const reason: Reason = { kind: 'world', what: 'unknown', detail: reportOf(error).headline }
    return { node, kind: 'may', reasons: [reason], ifChanged }
  }
}

/** Whether the input is a part of what one of these makes. */
function takesPartOf({ inputs }: Node, name: string | undefined, makers: readonly Node[]): boolean {
  const input = inputs.find((one) => one.name === name)?.input
  return input?.kind === 'part' && makers.some((maker) => input.tasks.includes(maker.name))
}

/** Whether the reason may go away when these needs have run: what they make, their results, what the world looks like. */
function hangsOn(
  graph: Graph,
  node: Node,
  reason: Reason,
  running: readonly Node[],
  forecasts: ReadonlyMap<Node, Forecast>,
): boolean {
  if (running.length === 0) return false
  if (reason.kind === 'world') return true
  if (reason.kind !== 'fact') return false
  const [section, name, path] = reason.path
  if (section === 'needs') return true
  if (section === 'inputs' && takesPartOf(node, name, running)) return true
  const program = section === 'program' ? programPath(graph.root, node) : undefined
  const read = section === 'discovered' ? name : section === 'inputs' ? path : program
  const maker = read === undefined ? undefined : graph.makerOf(treePath(graph.root, read))
  // What was discovered may be made by a need of a need.
  const isNotFresh = maker !== undefined && (forecasts.get(maker)?.kind ?? 'fresh') !== 'fresh'
  return maker !== undefined && (running.includes(maker) || (section === 'discovered' && isNotFresh))
}
