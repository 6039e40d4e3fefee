import type { NamedInput } from '../model/input.ts'
import type { Definition } from '../model/task.ts'
import { isWithin, type TreePath } from '../util/paths.ts'

/** The validated graph: the only form of tasks that the engine accepts. */
export interface Graph {
  /** Absolute, links resolved. */
  readonly root: string
  /** Needs and `after` before dependents; otherwise as declared. */
  readonly nodes: readonly Node[]
  /** By name and by alias. */
  readonly byName: ReadonlyMap<string, Node>
  readonly defaultNode: Node | undefined
  /** What a watch keeps up to date when none is named. */
  readonly watched: readonly Node[]
  /** Whether a node has a depfile. */
  readonly hasDepfiles: boolean
  /** The node whose output the path is, or lies in. */
  makerOf(path: TreePath): Node | undefined
}

export interface Node {
  readonly name: string
  readonly definition: Definition
  /** The declared needs by key, then those that an input path implies. */
  readonly needs: readonly NamedNeed[]
  /** Every node that `needs` or an input path names, once. */
  readonly requires: readonly Node[]
  readonly after: readonly Node[]
  /** Declared inputs, and under `argv` the paths that the command names. */
  readonly inputs: readonly NamedInput[]
  readonly outputs: readonly NodeOutput[]
  /** Where it writes down what it read; its own like an output, but nothing that others use. */
  readonly depfile: TreePath | undefined
  /** argv with the paths in place, as the program names them from where it runs; undefined without a command. */
  readonly argv: readonly string[] | undefined
  /** Of an undo task: what it undoes, dependents first. */
  readonly undoes: readonly Node[]
}

export interface NamedNeed {
  readonly key: string
  readonly nodes: readonly Node[]
  /** Whether the value is a list. */
  readonly list: boolean
}

export type NodeOutput =
  | { readonly kind: 'path'; readonly path: TreePath }
  | { readonly kind: 'witness'; readonly folder: TreePath; readonly files: readonly TreePath[] }
  | { readonly kind: 'updates'; readonly of: Node; readonly files: readonly TreePath[] }

/** The paths that are a node's own: nothing else may make them or anything inside them. */
export function ownedPaths({ outputs, depfile }: Node): readonly TreePath[] {
  const made = outputs.flatMap((o) => (o.kind === 'path' ? [o.path] : o.kind === 'witness' ? [o.folder] : []))
  const isApart = depfile !== undefined && !made.some((path) => isWithin(depfile, path))
  return isApart ? [...made, depfile] : made
}

/** Whether `maker` is among the needs of `node`, or theirs. */
export function isNeeded(node: Node, maker: Node): boolean {
  const seen = new Set(node.requires)
  // A set goes on with what is added to it on the way: the nearest come first.
  for (const need of seen) {
    if (need === maker) return true
    for (const next of need.requires) seen.add(next)
  }
  return false
}

/** The services that it needs ready, directly. */
export function servicesOf({ requires, after }: Node): readonly Node[] {
  return [...requires, ...after].filter((node) => node.definition.kind === 'service')
}
