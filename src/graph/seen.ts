import { posix } from 'node:path'
import { isWithin, onDisk, type TreePath, treePath } from '../util/paths.ts'
import type { RealFolder } from './real-places.ts'

/** How a program that runs in `cwd` names a path of the tree. `..` leads out of where the folder really is, not out of its name. */
export function seenFrom(root: string, cwd: string, realFolder: RealFolder): (path: TreePath) => string {
  const folder = treePath(root, cwd)
  if (folder === '.') return noOption
  const real = realFolder(folder)
  return (path) => {
    if (posix.isAbsolute(path)) return path
    if (isWithin(path, folder)) return noOption(posix.relative(folder, path) || '.')
    return posix.isAbsolute(real) ? onDisk(root, path) : posix.relative(real, path) || '.'
  }
}

/** A file whose name begins with a dash is no option of the program. */
function noOption(path: string): string {
  return path.startsWith('-') ? `./${path}` : path
}
