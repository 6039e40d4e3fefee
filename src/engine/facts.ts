import { type TakenFacts, takeFacts } from '../fingerprint/facts.ts'
import type { Node } from '../graph/graph.ts'
import { bareProgram } from '../graph/program.ts'
import { refuseShared } from '../graph/rewrites.ts'
import type { Facts } from '../model/facts.ts'
import type { TreePath } from '../util/paths.ts'
import type { Project } from './project.ts'
import { refuseInValue } from './secret-errors.ts'
import { needFacts, type Settlements } from './settled.ts'
import { type Seen, worldFor } from './world.ts'

export interface FactsNow extends TakenFacts {
  readonly seen: Seen
}

/** The facts of a task as the world is at this moment. */
export async function factsNow(
  project: Project,
  node: Node,
  settled: Settlements,
  signal: AbortSignal,
): Promise<FactsNow> {
  const { definition } = node
  const seen: Seen = { files: new Map(), folders: new Map() }
  const taken = await takeFacts(
    {
      name: node.name,
      kind: definition.kind,
      argv: node.argv,
      program: bareProgram(project.graph.root, node),
      cwd: definition.cwd,
      env: definition.env,
      inputs: node.inputs,
      outputs: node.outputs.map((o) => (o.kind === 'path' ? o.path : `${o.kind} ${o.files.join(' ')}`)),
      depfile: node.depfile,
      needs: needFacts(node, settled),
      code: definition.action.kind === 'run' || definition.service ? project.code.facts(definition.modules) : undefined,
      portable: definition.portable,
    },
    worldFor({ project, node, settled, signal, seen }),
  )
  refuseInFacts(project, node, taken.facts)
  refuseRewritten(project, node, taken)
  return { ...taken, seen }
}

/** However often it is waited, somebody may write again. */
const mostWaits = 5

/**
 * The facts for a run. What was just written could be written again and put back within one tick of the file system's clock, and nobody would see
 * it: that tick is waited for. Not for what tasks made, which nobody else is expected to write.
 */
export async function factsForRun(
  project: Project,
  node: Node,
  settled: Settlements,
  signal: AbortSignal,
): Promise<FactsNow> {
  const { stats, ports, graph } = project
  for (let waits = 0; ; waits += 1) {
    stats.newStamp()
    const now = await factsNow(project, node, settled, signal)
    let left = 0
    for (const path of now.seen.files.keys()) {
      if (graph.makerOf(path) === undefined) left = Math.max(left, stats.settlesIn(path))
    }
    if (left === 0 || waits === mostWaits || signal.aborted) return now
    await ports.clock.wait(left, signal)
  }
}

/** Facts are kept as they are: a secret that came in as a plain value would be written down. Error: E_SECRET_IN_VALUE. */
function refuseInFacts(
  { secrets }: Project,
  { name, inputs, argv = [], definition }: Node,
  { inputs: facts }: Facts,
): void {
  if (!secrets.areKnown) return
  const plain = inputs.filter(({ input }) => ['value', 'env', 'tool'].includes(input.kind))
  const read = Object.fromEntries(plain.map((input) => [input.name, (facts as Facts)[input.name] ?? null]))
  refuseInValue(secrets, name, 'What is declared', { inputs: read, argv, env: definition.env })
}

/** Globs are known only now. Error: E_REWRITES. */
function refuseRewritten({ graph }: Project, node: Node, { facts }: TakenFacts): void {
  if (!node.definition.rewrites) return
  const paths = Object.keys((facts['inputs'] as Facts)['rewrites'] ?? {}) as TreePath[]
  refuseShared(graph.nodes, graph, graph.root)(node, paths)
}

/** What is to be recorded: of a task that rewrites files, the inputs as its run left them. Before it is looked at whether others moved. */
export async function factsAfter(
  project: Project,
  node: Node,
  { now, settled, signal }: { now: FactsNow; settled: Settlements; signal: AbortSignal },
): Promise<Facts> {
  if (!node.definition.rewrites) return now.facts
  const after = await factsNow(project, node, settled, signal)
  const [before, later] = [now.facts['inputs'] as Facts, after.facts['inputs'] as Facts]
  const onDisk = node.inputs.filter(({ input }) => input.kind === 'files' || input.kind === 'part')
  const taken = Object.fromEntries(onDisk.map(({ name }) => [name, later[name] ?? null]))
  return { ...now.facts, inputs: { ...before, ...taken } }
}

/**
 * Whether what it did is remembered. Of an effect it is, however often that runs: else its notes were lost, and nobody could undo it.
 */
export function keepsRecord(node: Node): boolean {
  return node.definition.kind === 'effect' || !runsAlways(node)
}

/** Whether the task has nothing by which it could be fresh: then it runs every time, and has no record unless it is an effect. */
export function runsAlways(node: Node): boolean {
  const { always, effect, action, service } = node.definition
  // It has no record either, but runs only when something needs it.
  if (service) return false
  const readsNothing = node.inputs.length === 0 && node.requires.length === 0 && node.depfile === undefined
  const hasNothing = readsNothing && node.outputs.length === 0 && !effect
  return always || action.kind === 'undo' || (hasNothing && action.kind !== 'none')
}
