import { posix } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'

/** Answers where a folder is behind links. Of one that is not there, the nearest one above counts. Each is looked at once. */
export function realFolders(disk: Pick<Disk, 'realPath'>, root: string): (folder: TreePath) => TreePath {
  const known = new Map<TreePath, TreePath>()
  const find = (folder: TreePath): TreePath => {
    const real = disk.realPath(onDisk(root, folder))
    if (real !== undefined) return treePath(root, real)
    const above = posix.dirname(folder) as TreePath
    return above === folder ? folder : treePath(root, posix.join(realFolder(above), posix.basename(folder)))
  }
  const realFolder = (folder: TreePath): TreePath => {
    const found = known.get(folder) ?? find(folder)
    known.set(folder, found)
    return found
  }
  return realFolder
}

/**
 * Answers whether two paths are one place for the disk, as `A` and `a` are where it folds case: then both are there, as one. Where neither
 * is, nobody can tell: then they are.
 */
export function onePlace(disk: Pick<Disk, 'identity'>, root: string): (path: TreePath, other: TreePath) => boolean {
  const inodeOf = (path: TreePath) => disk.identity(onDisk(root, path))?.inode
  return (path, other) => inodeOf(path) === inodeOf(other)
}
