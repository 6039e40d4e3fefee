import { type TakenFacts, takeFacts } from '../fingerprint/facts.ts'
import type { Node } from '../graph/graph.ts'
import type { Project } from './project.ts'
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
  const seen: Seen = { files: new Map(), facts: new Map(), folders: new Map() }
  const taken = await takeFacts(
    {
      name: node.name,
      kind: definition.kind,
      argv: node.argv,
      cwd: definition.cwd,
      env: definition.env,
      inputs: node.inputs,
      outputs: node.outputs.map((o) => (o.kind === 'path' ? o.path : `${o.kind} ${o.files.join(' ')}`)),
      depfile: node.depfile,
      needs: needFacts(node, settled),
      code: definition.action.kind === 'run' ? project.code.facts(definition.modules) : undefined,
      portable: definition.portable,
    },
    worldFor(project, node, signal, seen),
  )
  return { ...taken, seen }
}

/** Whether the task has nothing by which it could be fresh: then it runs every time and has no record. */
export function runsAlways(node: Node): boolean {
  const { always, effect, action } = node.definition
  const readsNothing = node.inputs.length === 0 && node.requires.length === 0 && node.depfile === undefined
  const hasNothing = readsNothing && node.outputs.length === 0 && !effect
  return always || action.kind === 'undo' || (hasNothing && action.kind !== 'none')
}
