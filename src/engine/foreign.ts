import type { Node } from '../graph/graph.ts'
import type { ForeignPaths, History } from '../model/record.ts'
import { refuseUnreadableName } from '../state/names.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { count } from '../util/text.ts'
import { runsAlways } from './facts.ts'
import { identityText } from './look.ts'
import type { Project } from './project.ts'

/**
 * What is in each of a task's output paths and is not the task's own, before a run. After a success that is what the record does
 * not list; while attempts since then have not ended well, what was there when the first of them began, so that nothing
 * which one of them left counts as foreign. A task without a record, and one that keeps its outputs, owns whatever is there.
 */
export function foreignNow(project: Project, node: Node, { success, foreign }: History): ForeignPaths {
  if (runsAlways(node) || node.definition.incremental) return {}
  const earlier = new Map(Object.entries(foreign ?? {}))
  const recorded = new Set(Object.keys(success?.outputs ?? {}))
  const places = node.outputs.flatMap((o) => (o.kind === 'path' ? [o.path] : []))
  return Object.fromEntries(
    places.map((place) => {
      const before = earlier.get(place)
      const known = before && new Set(before)
      return [place, inside(project, place).filter((path) => (known ? known.has(path) : !recorded.has(path)))]
    }),
  )
}

/** All that is in a folder, itself not; nothing where it is none. */
function inside({ graph, ports }: Project, folder: TreePath): readonly TreePath[] {
  const found: TreePath[] = []
  const list = (path: TreePath) => {
    if (ports.disk.identity(onDisk(graph.root, path))?.kind !== 'folder') return
    for (const { name, kind } of ports.disk.list(onDisk(graph.root, path)) ?? []) {
      const entry = `${path}/${name}` as TreePath
      found.push(entry)
      if (kind === 'folder') list(entry)
    }
  }
  list(folder)
  return found
}

/** Of a task's own folders that nothing may be written to: makes them such that they can be emptied, and filled again. */
export function unlockFolders(project: Project, node: Node, foreign: ForeignPaths): void {
  const { disk } = project.ports
  const others = new Set(Object.values(foreign).flat())
  const unlock = (path: TreePath) => {
    const place = onDisk(project.graph.root, path)
    const identity = disk.identity(place)
    if (identity?.kind !== 'folder') return
    if (!others.has(path) && (identity.mode & 0o700) !== 0o700) disk.setMode(place, identity.mode | 0o700)
    for (const { name, kind } of disk.list(place) ?? []) if (kind === 'folder') unlock(`${path}/${name}` as TreePath)
  }
  for (const output of node.outputs) if (output.kind === 'path') unlock(output.path)
}

/** What an attempt without success left at its output paths goes. */
export function removeLeftovers(
  { graph, ports }: Project,
  node: Node,
  history: History,
  kept: ReadonlySet<string>,
): void {
  const { disk } = ports
  const tried = new Set(Object.keys(history.foreign ?? {}))
  const clear = (path: TreePath) => {
    const place = onDisk(graph.root, path)
    const isFolder = disk.identity(place)?.kind === 'folder'
    if (isFolder) {
      for (const { name } of disk.list(place) ?? []) clear(`${path}/${name}` as TreePath)
    }
    if (kept.has(path) || (isFolder && disk.list(place)?.length !== 0)) return
    disk.remove(place)
    refuseUnreadableName(disk, place)
  }
  for (const output of node.outputs) {
    if (output.kind === 'path' && tried.has(output.path)) clear(output.path)
  }
}

/** Foreign paths, and what they were when the run began. */
export type ForeignBefore = ReadonlyMap<TreePath, string>

/** Just before the run. */
export function lookAtForeign(project: Project, foreign: ForeignPaths): ForeignBefore {
  const paths = Object.values(foreign).flat() as TreePath[]
  return new Map(paths.map((path) => [path, identityText(project, path)]))
}

/** Whether it is foreign, and the run did not change it. */
export function isStillForeign(project: Project, before: ForeignBefore, path: TreePath): boolean {
  const was = before.get(path)
  return was !== undefined && was === identityText(project, path)
}

/** `build holds 3 foreign files`; of folders only what is in them counts. `paths`: as they were found, a folder before what is in it. */
export function foreignText(node: Node, found: readonly TreePath[]): string {
  const paths = found.filter((path, i) => !found[i + 1]?.startsWith(`${path}/`))
  const folders = node.outputs.flatMap((o) => (o.kind === 'path' ? [o.path] : []))
  const holding = folders.filter((folder) => paths.some((path) => path.startsWith(`${folder}/`)))
  return `${holding.join(' and ')} ${holding.length === 1 ? 'holds' : 'hold'} ${count(paths.length, 'foreign file')}`
}
