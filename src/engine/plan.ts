import type { Graph, Node } from '../graph/graph.ts'
import { programPath } from '../graph/program.ts'
import { closure } from '../graph/select.ts'
import { reportOf } from '../model/error.ts'
import type { Reason } from '../model/reason.ts'
import { treePath } from '../util/paths.ts'
import { check } from './check.ts'
import { factsNow } from './facts.ts'
import type { Forecast } from './forecast.ts'
import { learnSecrets, maskReasons } from './masking.ts'
import { withServices } from './plan-services.ts'
import type { Project } from './project.ts'
import { serviceSettlement } from './service-settlement.ts'
import type { Settlement } from './settled.ts'

export type { Forecast } from './forecast.ts'

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
  const served = () => withServices(project.graph, targets, forecasts)
  // What comes before a service is looked at only where that is started, and may need another one.
  for (let size = 0; size < forecasts.size; ) {
    size = forecasts.size
    for (const { node, kind } of served().values()) {
      if (node.definition.kind === 'service' && kind !== 'idle') await look(node.after)
    }
  }
  const sure = lookedAtForSure(project.graph, targets, served())
  for (const [node, found] of forecasts) {
    if (found.kind === 'will' && !sure.has(node)) forecasts.set(node, { ...found, kind: 'may' })
  }
  const all = served()
  return project.graph.nodes.flatMap((node) => {
    const found = all.get(node)
    return found ? [{ ...found, reasons: maskReasons(project.secrets, found.reasons) }] : []
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
    if (node.definition.kind === 'service') {
      settled.set(node, serviceSettlement(await factsNow(project, node, settled, signal)))
      return { node, kind: ifChanged.length > 0 ? 'may' : 'fresh', reasons: [], ifChanged }
    }
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
