import type { FactReason } from '../fingerprint/leaves.ts'
import { isNeeded, type Node } from '../graph/graph.ts'
import type { PathFact } from '../model/facts.ts'
import { absent } from '../model/facts.ts'
import type { RunRecord } from '../model/record.ts'
import type { TreePath } from '../util/paths.ts'
import { lookAt } from './look.ts'
import type { Project } from './project.ts'

type Discovered = Pick<RunRecord, 'discovered'>

/** What a run discovered: path → what it held. */
export function discoveredBy(record: Discovered | undefined): readonly (readonly [TreePath, PathFact])[] {
  return Object.entries(record?.discovered ?? {}) as [TreePath, PathFact][]
}

/** What is different now in what a run discovered. */
export function discoveredReasons(project: Project, node: Node, record: Discovered): readonly FactReason[] {
  return discoveredBy(record).flatMap(([path, before]): readonly FactReason[] => {
    const base = { kind: 'fact', path: ['discovered', path] } as const
    const maker = project.graph.makerOf(path)
    // Since the config changed: what is there now may be from before its maker's run, or from after it.
    if (maker && maker !== node && !isNeeded(node, maker)) {
      return [{ ...base, change: 'changed', before: 'made by no task', after: `made by ${maker.name}` }]
    }
    const now = lookAt(project, path).fact
    if (now === before) return []
    return [{ ...base, change: before === absent ? 'added' : now === absent ? 'removed' : 'changed' }]
  })
}
