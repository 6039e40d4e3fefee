import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import { absent, type PathFact } from '../model/facts.ts'
import type { Reason } from '../model/reason.ts'
import type { ForeignPaths, History, RunRecord } from '../model/record.ts'
import type { Disk } from '../ports/disk.ts'
import { makeFolder } from '../state/folders.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { keepsRecord } from './facts.ts'
import { type ForeignBefore, isStillForeign, removeLeftovers, unlockFolders } from './foreign.ts'
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

/** What is not removed before a run. */
export interface Kept {
  readonly foreign: ForeignPaths
  /** What is about to be put there. */
  readonly keep: ReadonlySet<string>
}

/**
 * Before a run: takes away what the last success made, and what attempts without success left at the same places, and makes
 * the folders above what this run is to make. A task that keeps its outputs finds them as they are.
 */
export function emptyOutputs(project: Project, node: Node, history: History, { foreign, keep }: Kept): void {
  if (!node.definition.incremental) {
    unlockFolders(project, node, foreign)
    removeRecorded(project, node, history, keep)
    if (!keepsRecord(node)) removeDeclared(project, node)
    const kept = new Set([...Object.values(foreign).flat(), ...keep])
    removeLeftovers(project, node, history, kept)
  }
  makeParents(project, node)
}

function removeRecorded(project: Project, node: Node, { success }: History, keep: ReadonlySet<string>): void {
  const { disk } = project.ports
  const place = (path: string) => onDisk(project.graph.root, path as TreePath)
  const recorded = Object.entries(success?.outputs ?? {}).filter(
    ([path, fact]) => !keep.has(path) && mayRemove(project, node, path, fact),
  )
  const declared = new Set(node.outputs.flatMap((o): string[] => (o.kind === 'path' ? [o.path] : [])))
  // The other way round, so that what is in a folder goes first.
  for (const [path, fact] of recorded.reverse()) {
    if (mayGo(disk, place(path), { fact, isDeclared: declared.has(path) })) disk.remove(place(path))
  }
  for (const output of node.outputs) if (output.kind === 'witness') disk.remove(place(output.folder))
}

/** Nothing is recorded of what it made, so what lies at the places of its files is taken for that. Of folders nobody knows what in them is whose. */
function removeDeclared({ graph, ports }: Project, node: Node): void {
  for (const output of node.outputs) {
    if (output.kind !== 'path') continue
    const place = onDisk(graph.root, output.path)
    const kind = ports.disk.identity(place)?.kind
    if (kind === 'file' || kind === 'link') ports.disk.remove(place)
  }
}

/** In an output folder, what became something else is somebody else's; an output as declared is the task's place. */
function mayGo(disk: Disk, place: string, was: { readonly fact: PathFact; readonly isDeclared: boolean }): boolean {
  const isFolder = disk.identity(place)?.kind === 'folder'
  const isEmpty = disk.list(place)?.length === 0
  if (isFolder === was.fact.startsWith('folder')) return isEmpty || !isFolder
  return isEmpty || was.isDeclared
}

function makeParents({ graph, ports }: Project, node: Node): void {
  for (const output of node.outputs) {
    const above = output.kind === 'path' ? output.path : output.kind === 'witness' ? output.folder : undefined
    if (above?.includes('/')) {
      makeFolder(ports.disk, onDisk(graph.root, above.slice(0, above.lastIndexOf('/')) as TreePath))
    }
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

/** What a run made. */
export interface Taken {
  readonly outputs: RunRecord['outputs']
  /** What is at the same places and is not its own. */
  readonly foreign: readonly TreePath[]
}

/** After a run: every output must be there; answers what they hold. Error: E_OUTPUT_MISSING. */
export function takeOutputs(project: Project, node: Node, before: ForeignBefore): Taken {
  const facts = new Map<TreePath, PathFact>()
  const foreign: TreePath[] = []
  /** Answers whether something of the task's own is there. */
  const take = (path: TreePath): boolean => {
    const isForeign = isStillForeign(project, before, path)
    const place = foreign.length
    const inside = entriesOf(project, path).map(take)
    // A folder that was there before is the task's too, where the task made what is in it.
    const isOwn = !isForeign || inside.includes(true)
    if (isOwn) facts.set(path, project.stats.fact(path))
    else foreign.splice(place, 0, path)
    return isOwn
  }
  for (const output of node.outputs) {
    const paths = output.kind === 'path' ? [output.path] : output.files
    for (const path of paths) {
      if (project.stats.fact(path) === absent) throw missing(node, path)
      take(path)
    }
  }
  return { outputs: Object.fromEntries([...facts].sort((a, b) => byCodeUnit(a[0], b[0]))), foreign }
}

/** The outputs as they are right after the run, for dependents that only find out that they read them. */
export function madeNow(project: Project, outputs: RunRecord['outputs']): ReadonlyMap<TreePath, Made> {
  const paths = Object.entries(outputs) as [TreePath, PathFact][]
  // What they held was taken before: an edit in between has another identity than what is read now.
  return new Map(paths.map(([path, fact]) => [path, { identity: identityText(project, path), fact }]))
}

/** What is in a folder, but not what is behind a link. */
function entriesOf({ graph, ports }: Project, path: TreePath): readonly TreePath[] {
  const place = onDisk(graph.root, path)
  if (ports.disk.identity(place)?.kind !== 'folder') return []
  return (ports.disk.list(place) ?? []).map(({ name }) => `${path}/${name}` as TreePath)
}

function missing(node: Node, path: string): LakituError {
  return new LakituError({
    code: 'E_OUTPUT_MISSING',
    headline: `Task ${node.name} ended well but did not make ${path}`,
    facts: { declared: node.definition.site },
    next: 'Mend the task, or its outputs.',
  })
}
