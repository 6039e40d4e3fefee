import { byCodeUnit } from '../util/canonical.ts'
import { isWithin, type TreePath, treePath } from '../util/paths.ts'
import { isEditors, splitPattern, treeMatcher } from '../util/patterns.ts'
import type { World } from './world.ts'

/** Folders that a glob enters only when it names them. */
const leftAlone = new Set(['node_modules', '.git', '.cache', '.lakitu'])

export interface Matched {
  /** Files and links, sorted by code unit; a literal path stands in it also where nothing is. */
  readonly paths: readonly TreePath[]
  /** Every folder that was looked into, empty ones too. */
  readonly folders: readonly TreePath[]
}

type Tree = Pick<World, 'root' | 'list' | 'isForeignOutput'>

/**
 * The files that the patterns mean. Globs pass over what other tasks make, unless the pattern's base lies inside that, and over
 * the files that editors keep beside what they write, unless the pattern ends in such a name.
 */
export function matchFiles(tree: Tree, patterns: readonly string[]): Matched {
  const paths = new Set<TreePath>()
  const folders = new Set<TreePath>()
  const refused = patterns.filter((p) => p.startsWith('!')).map((p) => treeMatcher(tree.root, p.slice(1)))
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) continue
    const { base, glob } = splitPattern(pattern)
    const start = treePath(tree.root, base)
    if (glob === '' && !tree.list(start)) {
      paths.add(start)
      continue
    }
    const match = treeMatcher(tree.root, pattern)
    const namesEditors = isEditors(pattern)
    walk({ tree, start, inside: tree.isForeignOutput(start), folders }, start, (path) => {
      if (isEditors(path) && !namesEditors) return
      if (match(path) && !refused.some((isRefused) => isRefused(path))) paths.add(path)
    })
  }
  return { paths: [...paths].sort(byCodeUnit), folders: [...folders].sort(byCodeUnit) }
}

interface Walk {
  readonly tree: Tree
  readonly start: TreePath
  /** The pattern itself names a place inside another task's output. */
  readonly inside: boolean
  readonly folders: Set<TreePath>
}

function walk(on: Walk, folder: TreePath, found: (path: TreePath) => void): void {
  const entries = on.tree.list(folder)
  if (!entries) return
  on.folders.add(folder)
  for (const { name, isFolder } of entries) {
    const path = (folder === '.' ? name : `${folder}/${name}`) as TreePath
    if (!on.inside && on.tree.isForeignOutput(path)) continue
    if (!isFolder) found(path)
    else if (!leftAlone.has(name) || isWithin(on.start, path)) walk(on, path, found)
  }
}

/** The folders and files below which a change can matter to the patterns: for a watch. */
export function baseFolders(root: string, patterns: readonly string[]): readonly TreePath[] {
  return patterns.filter((p) => !p.startsWith('!')).map((p) => treePath(root, splitPattern(p).base))
}
