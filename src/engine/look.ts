import { join } from 'node:path'
import type { TreeEntry } from '../fingerprint/world.ts'
import type { Disk } from '../ports/disk.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import type { Project } from './project.ts'
import type { Made } from './settled.ts'

/** The identity of a path; of a link also where it leads and what is there. */
export function identityText({ graph, ports }: Project, path: TreePath): string {
  const place = onDisk(graph.root, path)
  const identity = ports.disk.identity(place)
  if (identity?.kind !== 'link') return JSON.stringify(identity ?? null)
  const target = ports.disk.realPath(place)
  return JSON.stringify([identity, target, target && ports.disk.identity(target)])
}

/** A path at this moment: the identity first. */
export function lookAt(project: Project, path: TreePath): Made {
  try {
    return { identity: identityText(project, path), fact: project.stats.fact(path) }
  } catch {
    // Whoever needs to read it says best why that is not possible.
    return { identity: '', fact: undefined }
  }
}

/** Whether of two identities, as text, only the time of the last change differs: what it holds may be the same. */
export function onlyCtimeDiffers(before: string, now: string): boolean {
  const [first, second] = [before, now].map((text) => text.replaceAll(/"ctime":[^,}]+/g, ''))
  return before !== now && first === second
}

/** Whether a folder is there, maybe behind links. */
export function isFolder(disk: Disk, place: string): boolean {
  const kind = disk.identity(place)?.kind
  const real = kind === 'link' ? disk.realPath(place) : undefined
  return (real === undefined ? kind : disk.identity(real)?.kind) === 'folder'
}

/** What is in a folder of the tree, as globs see it; undefined where it is no folder. */
export function listTree(
  disk: Pick<Disk, 'list' | 'realPath' | 'identity'>,
  root: string,
  folder: TreePath,
): readonly TreeEntry[] | undefined {
  const place = onDisk(root, folder)
  return disk.list(place)?.map(({ name, kind }) => {
    const real = kind === 'link' ? disk.realPath(join(place, name)) : undefined
    const isLinked = real !== undefined && disk.identity(real)?.kind === 'folder'
    return { name, isFolder: kind === 'folder', ...(isLinked ? { leadsTo: treePath(root, real) } : {}) }
  })
}
