import type { Random } from '../../support/random.ts'
import type { Tree } from './tree.ts'

/** The tree after an edit of one file, or of several. */
export interface Edited {
  readonly tree: Tree
  /** The file it is about. */
  readonly path: string
  /** The variable, where it is one. */
  readonly key?: string
}

/** Undefined where it finds nothing to change. */
export type Edit = (tree: Tree, random: Random) => Edited | undefined

export function some(tree: Tree, random: Random, pattern: RegExp): string | undefined {
  const found = [...tree.keys()].filter((path) => pattern.test(path))
  return found.length === 0 ? undefined : random.pick(found)
}

/** Undefined: without it. */
export function withFile(tree: Tree, path: string, text: string | undefined): Tree {
  const next = new Map(tree)
  if (text === undefined) next.delete(path)
  else next.set(path, text)
  return next
}
