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
 * The files that the patterns mean; of a link to a folder also what is in there. Globs pass over what other tasks make, unless the
 * pattern's base lies inside that, and over the files that editors keep beside what they write, unless the pattern ends in such a name.
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
    const inside = tree.isForeignOutput(start)
    walk({ tree, start, inside, folders }, { path: start, chain: [start], below: depthOf(glob) }, (path) => {
      if (isEditors(path) && !namesEditors) return
      if (match(path) && !refused.some((isRefused) => isRefused(path))) paths.add(path)
    })
  }
  return { paths: [...paths].sort(byCodeUnit), folders: [...folders].sort(byCodeUnit) }
}

/** `*.c` matches nothing further down, so what happens there is no business of it. */
function depthOf(glob: string): number {
  return glob === '' || glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length - 1
}

interface Walk {
  readonly tree: Tree
  readonly start: TreePath
  /** The pattern itself names a place inside another task's output. */
  readonly inside: boolean
  readonly folders: Set<TreePath>
}

interface Place {
  readonly path: TreePath
  /** Where it is with all links resolved, and before that the same of each folder in which a link was followed. */
  readonly chain: readonly TreePath[]
  /** How many folders further down there can be matches. */
  readonly below: number
}

function walk(on: Walk, { path: folder, chain, below }: Place, found: (path: TreePath) => void): void {
  const entries = on.tree.list(folder)
  if (!entries) return
  on.folders.add(folder)
  const [real = folder, ...before] = chain
  for (const { name, isFolder, leadsTo } of entries) {
    const path = childOf(folder, name)
    if (!on.inside && on.tree.isForeignOutput(path)) continue
    if (!isFolder) found(path)
    if (below === 0) continue
    if (leadsTo !== undefined && mayFollow(on, leadsTo, chain))
      walk(on, { path, chain: [leadsTo, ...chain], below: below - 1 }, found)
    else if (isFolder && (!leftAlone.has(name) || isWithin(on.start, path)))
      walk(on, { path, chain: [childOf(real, name), ...before], below: below - 1 }, found)
  }
}

/** What programs read through a link counts as well: but not round in circles, nor where a glob would not go by itself. */
function mayFollow({ tree, inside }: Walk, leadsTo: TreePath, chain: readonly TreePath[]): boolean {
  if (chain.some((real) => isWithin(real, leadsTo))) return false
  return !leadsTo.split('/').some((part) => leftAlone.has(part)) && (inside || !tree.isForeignOutput(leadsTo))
}

function childOf(folder: TreePath, name: string): TreePath {
  return (folder === '.' ? name : `${folder}/${name}`) as TreePath
}

/** Whether the patterns mean the file, there or not; as `matchFiles`, but of links to folders nothing is known. */
export function meansFile(
  { root, isForeignOutput }: Omit<Tree, 'list'>,
  patterns: readonly string[],
  path: TreePath,
): boolean {
  const isRefused = patterns.some((p) => p.startsWith('!') && treeMatcher(root, p.slice(1))(path))
  return patterns.some((pattern) => {
    if (pattern.startsWith('!')) return false
    const { base, glob } = splitPattern(pattern)
    const start = treePath(root, base)
    if (glob === '' && path === start) return true
    if (isRefused || !treeMatcher(root, pattern)(path) || (isEditors(path) && !isEditors(pattern))) return false
    const folders = path
      .slice(start === '.' ? 0 : start.length + 1)
      .split('/')
      .slice(0, -1)
    return !folders.some((name) => leftAlone.has(name)) && (isForeignOutput(start) || !isForeignOutput(path))
  })
}

/** The folders and files below which a change can matter to the patterns: for a watch. */
export function baseFolders(root: string, patterns: readonly string[]): readonly TreePath[] {
  return patterns.filter((p) => !p.startsWith('!')).map((p) => treePath(root, splitPattern(p).base))
}
