import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import { absent, type PathFact } from '../model/facts.ts'
import type { Reason } from '../model/reason.ts'
import type { History, RunRecord } from '../model/record.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { identityText } from './look.ts'
import type { Project } from './project.ts'
import type { Made } from './settled.ts'

/** What is different from what the last success made. */
export function outputReasons({ stats }: Project, record: RunRecord): readonly Reason[] {
  return Object.entries(record.outputs).flatMap(([path, fact]): readonly Reason[] => {
    const now = stats.fact(path as TreePath)
    if (now === fact) return []
    return [{ kind: 'output', path, what: now === absent ? 'missing' : 'changed' }]
  })
}

/**
 * Before a run: takes away what the last success made, and what an attempt without success left at the same places, and makes
 * the folders above what this run is to make.
 */
export function emptyOutputs(project: Project, node: Node, { success, last }: History): void {
  const { disk } = project.ports
  const place = (path: string) => onDisk(project.graph.root, path as TreePath)
  const recorded = Object.entries(success?.outputs ?? {}).filter(([path, fact]) => mayRemove(project, node, path, fact))
  for (const [path, fact] of recorded) if (!fact.startsWith('folder')) disk.remove(place(path))
  // Folders the other way round, so that the inner ones go first; one that holds foreign files stays.
  for (const [path, fact] of recorded.reverse()) {
    if (fact.startsWith('folder') && disk.list(place(path))?.length === 0) disk.remove(place(path))
  }
  for (const output of node.outputs) {
    if (output.kind === 'witness') disk.remove(place(output.folder))
    const isLeftover = output.kind === 'path' && (last === 'crashed' || last === 'failed')
    if (isLeftover && disk.identity(place(output.path))?.kind !== 'folder') disk.remove(place(output.path))
    const above = output.kind === 'path' ? output.path : output.kind === 'witness' ? output.folder : undefined
    if (above?.includes('/')) disk.makeFolder(place(above.slice(0, above.lastIndexOf('/'))))
  }
}

/**
 * Its own outputs, not those that it adds to another task's folder. What the config no longer says is its own goes only
 * where it is as it was made and no other task makes it now.
 */
function mayRemove({ graph, stats }: Project, node: Node, path: string, fact: PathFact): boolean {
  if (node.outputs.some((o) => o.kind === 'updates' && o.files.some((file) => file === path))) return false
  const maker = graph.makerOf(path as TreePath)
  return maker === node || (maker === undefined && stats.fact(path as TreePath) === fact)
}

/** After a run: every output must be there; answers what they hold. Error: E_OUTPUT_MISSING. */
export function takeOutputs(project: Project, node: Node): Readonly<Record<string, PathFact>> {
  const facts = new Map<string, PathFact>()
  for (const output of node.outputs) {
    const paths = output.kind === 'path' ? [output.path] : output.files
    for (const path of paths) {
      if (project.stats.fact(path) === absent) throw missing(node, path)
      takeTree(project, path, facts)
    }
  }
  return Object.fromEntries([...facts].sort((a, b) => byCodeUnit(a[0], b[0])))
}

/** The outputs as they are right after the run, for dependents that only find out that they read them. */
export function madeNow(project: Project, outputs: RunRecord['outputs']): ReadonlyMap<TreePath, Made> {
  const paths = Object.entries(outputs) as [TreePath, PathFact][]
  // What they held was taken before: an edit in between has another identity than what is read now.
  return new Map(paths.map(([path, fact]) => [path, { identity: identityText(project, path), fact }]))
}

function takeTree(project: Project, path: TreePath, facts: Map<string, PathFact>): void {
  facts.set(path, project.stats.fact(path))
  const entries = project.ports.disk.list(onDisk(project.graph.root, path))
  if (!entries || !facts.get(path)?.startsWith('folder')) return
  for (const { name } of entries) takeTree(project, `${path}/${name}` as TreePath, facts)
}

function missing(node: Node, path: string): LakituError {
  return new LakituError({
    code: 'E_OUTPUT_MISSING',
    headline: `Task ${node.name} ended well but did not make ${path}`,
    facts: { declared: node.definition.site },
    next: 'Mend the task, or its outputs.',
  })
}
