import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { reportOf } from '../model/error.ts'
import type { Reason } from '../model/reason.ts'
import { check } from './check.ts'
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
  const look = async (wanted: readonly Node[]): Promise<void> => {
    for (const node of closure(project.graph, wanted, 'needs')) {
      if (forecasts.has(node)) continue
      const forecast = await foresee(project, node, forecasts, settled, force && targets.includes(node), signal)
      forecasts.set(node, forecast)
      if (forecast.kind !== 'fresh') await look(node.after)
    }
  }
  await look(targets)
  return project.graph.nodes.flatMap((node) => forecasts.get(node) ?? [])
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
  if (success) settled.set(node, { value: success.value, result: success.result, run: success.run })
  const running = node.requires.filter((need) => forecasts.get(need)?.kind !== 'fresh')
  const ifChanged = running.map((need) => need.name)
  // A need without a result yet says nothing about this task's own facts.
  const unknowable = node.requires.some((need) => !settled.has(need))
  try {
    const verdict = await check(project, node, settled, forced, signal)
    if (verdict.kind === 'fresh') return { node, kind: ifChanged.length > 0 ? 'may' : 'fresh', reasons: [], ifChanged }
    const own = unknowable ? verdict.reasons.filter((r) => r.kind !== 'fact' || r.path[0] !== 'needs') : verdict.reasons
    if (own.length > 0) return { node, kind: 'will', reasons: own, ifChanged }
    return { node, kind: 'may', reasons: verdict.reasons, ifChanged }
  } catch (error) {
    const reason: Reason = { kind: 'world', what: 'unknown', detail: reportOf(error).headline }
    return { node, kind: 'may', reasons: [reason], ifChanged }
  }
}
