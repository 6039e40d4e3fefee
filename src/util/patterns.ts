import picomatch from 'picomatch'
import { isWithin, type TreePath, treePath } from './paths.ts'

/** The literal folder (or path) in front of a glob, and the glob relative to it; a literal path has no glob. */
export function splitPattern(pattern: string): { readonly base: string; readonly glob: string } {
  const { base, glob } = picomatch.scan(pattern)
  return { base: base === '' ? '.' : base.replace(/\\(.)/g, '$1'), glob: glob ?? '' }
}

/** Whether the pattern names one path. */
export function isLiteral(pattern: string): boolean {
  return !pattern.startsWith('!') && splitPattern(pattern).glob === ''
}

/** Matches paths relative to the glob's base; names that begin with a dot count. */
export function globMatcher(glob: string): (path: string) => boolean {
  // `s`: a name may hold a line break, which `**` has to match as well.
  const match = picomatch(glob, { dot: true, flags: 's' })
  // What it takes beside the path must not come from whoever maps over a list.
  return (path) => match(path)
}

/** Matches whole paths as written; `./` in front does not count. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  return globMatcher(pattern.replace(/^(?:\.\/)+/, ''))
}

/** Matches the paths of a tree; a literal one also what lies below it. */
export function treeMatcher(root: string, pattern: string): (path: TreePath) => boolean {
  const { base, glob } = splitPattern(pattern)
  const start = treePath(root, base)
  if (glob === '') return (path) => isWithin(path, start)
  const match = globMatcher(glob)
  return (path) => isWithin(path, start) && match(start === '.' ? path : path.slice(start.length + 1))
}

/** Locks, swap files, autosaves and backups, which editors keep beside what they write: Emacs, Vim, and many that follow them. */
const editors = /^(\.#.*|#.*#|.*~|\..*\.sw[a-p]|4913)$/

/** Whether files of the name with which the path (or the pattern) ends are an editor's own. */
export function isEditors(path: string): boolean {
  return editors.test(path.slice(path.lastIndexOf('/') + 1))
}

/** The pattern that names just this path, whatever characters are in it. */
export function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&')
}
