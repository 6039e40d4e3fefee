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
