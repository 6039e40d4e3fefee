import type { World } from '../fingerprint/world.ts'
import type { NamedNeed, Node } from '../graph/graph.ts'
import type { FactValue, PathFact } from '../model/facts.ts'
import type { RunRecord } from '../model/record.ts'
import { deepFreeze } from '../util/canonical.ts'
import type { Sha256 } from '../util/digest.ts'
import { sha256Json } from '../util/digest.ts'
import type { TreePath } from '../util/paths.ts'

/** A path as it was at one moment. */
export interface Made {
  /** As text. */
  readonly identity: string
  /** Undefined where it could not be read. */
  readonly fact: PathFact | undefined
}

/** What a settled task hands to its dependents. */
export interface Settlement {
  /** `undefined` where it was left out. */
  readonly value: unknown
  readonly result: Sha256
  /** Different for every run of the task. */
  readonly run: string
  /** What it made: path → content; undefined where it was left out. */
  readonly outputs: RunRecord['outputs'] | undefined
  /** Its outputs right after the run, if it ran in this process and some task may find out that it reads them. */
  readonly made?: ReadonlyMap<TreePath, Made>
  /** Of a service: what its facts were taken from, since it goes on reading that while its dependents run. */
  readonly from?: From
}

interface From {
  readonly files: ReadonlyMap<TreePath, Made>
  readonly folders: ReadonlyMap<TreePath, NonNullable<ReturnType<World['list']>>>
}

export type Settlements = ReadonlyMap<Node, Settlement>

const nothing: Sha256 = sha256Json('left out')

/** Of a task that was left out: the same each time. */
export const leftOut: Settlement = { value: undefined, result: nothing, run: nothing, outputs: undefined }

/** Values of the needs as `ctx.needs` hands them over: frozen, since others get the same, whether the need ran or is fresh. */
export function needValues(node: Node, settled: Settlements): Readonly<Record<string, unknown>> {
  const handed = (need: Node) => deepFreeze(settled.get(need)?.value)
  return Object.fromEntries(node.needs.map((need) => [need.key, oneOrList(need, handed)]))
}

/** Results of the needs, and the runs of those whose folders the task updates, as facts. */
export function needFacts(node: Node, settled: Settlements): Readonly<Record<string, FactValue>> {
  const results = node.needs.map((need) => [need.key, oneOrList(need, (n) => settled.get(n)?.result ?? '')] as const)
  const updated = node.outputs.flatMap((o) => (o.kind === 'updates' ? [o.of] : []))
  const runs = updated.map((n) => [`updates ${n.name}`, settled.get(n)?.run ?? ''] as const)
  return Object.fromEntries([...results, ...runs])
}

function oneOrList<T>(need: NamedNeed, of: (node: Node) => T): T | readonly T[] {
  const [first] = need.nodes
  // By the need, not by its value: that of a task that was left out is undefined.
  return need.list || first === undefined ? need.nodes.map(of) : of(first)
}
