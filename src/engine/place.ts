import type { PathFact } from '../model/facts.ts'
import type { Disk } from '../ports/disk.ts'
import type { Trace } from '../state/traces.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { breather } from './breather.ts'
import type { Attempt } from './context.ts'

/** Puts outputs in place; what is there already as it should be is not touched. `staged`: where the new files are now. */
export async function placeOutputs(
  { project, signal }: Attempt,
  { outputs, links }: Trace,
  staged: ReadonlyMap<TreePath, string>,
): Promise<void> {
  const { ports, graph } = project
  const { disk } = ports
  const breathe = breather(ports.clock, signal)
  const texts = new Map(Object.entries(links))
  const entries = Object.entries(outputs) as [TreePath, PathFact][]
  // Sorted by code unit: a folder comes before what is in it.
  for (const [path, fact] of entries) {
    await breathe()
    signal.throwIfAborted()
    const place = onDisk(graph.root, path)
    const copy = staged.get(path)
    const text = texts.get(path)
    if (copy !== undefined) placeFile(disk, copy, place)
    else if (text !== undefined) placeLink(disk, text, place)
    else if (isFolder(fact)) placeFolder(disk, place)
  }
  // Last, and the inner ones first: a folder may be one that nothing can be written to.
  for (const [path, fact] of entries.toReversed()) {
    const mode = Number.parseInt(fact.slice('folder '.length), 8)
    const place = onDisk(graph.root, path)
    if (isFolder(fact) && disk.identity(place)?.mode !== mode) disk.setMode(place, mode)
  }
}

function isFolder(fact: PathFact): boolean {
  return fact.startsWith('folder ')
}

function placeFile(disk: Disk, copy: string, place: string): void {
  // One with something in it is not ours to remove: the renaming will fail.
  if (disk.identity(place)?.kind === 'folder' && disk.list(place)?.length === 0) disk.remove(place)
  disk.rename(copy, place)
}

function placeLink(disk: Disk, text: string, place: string): void {
  const kind = disk.identity(place)?.kind
  if (kind === 'link' && disk.readLink(place) === text) return
  if (kind !== undefined && (kind !== 'folder' || disk.list(place)?.length === 0)) disk.remove(place)
  disk.makeLink(place, text)
}

function placeFolder(disk: Disk, place: string): void {
  const kind = disk.identity(place)?.kind
  if (kind === 'folder') return
  if (kind !== undefined) disk.remove(place)
  disk.makeFolder(place)
}
