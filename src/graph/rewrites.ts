import { LakituError } from '../model/error.ts'
import type { NamedInput } from '../model/input.ts'
import type { Definition } from '../model/task.ts'
import { type TreePath, treePath } from '../util/paths.ts'
import { isLiteral, splitPattern, treeMatcher } from '../util/patterns.ts'
import { type Node, ownedPaths } from './graph.ts'
import type { Makers } from './outputs.ts'

type Rewriting = Pick<Node, 'name' | 'definition'>

/** What a task rewrites is an input as well, under this name. Error: E_INPUT_NAME where it is taken. */
export function rewritesInput({ name, inputs, rewrites, site }: Definition): readonly NamedInput[] {
  if (!rewrites) return []
  if (!('rewrites' in inputs)) return [{ name: 'rewrites', input: rewrites }]
  throw new LakituError({
    code: 'E_INPUT_NAME',
    headline: `Task ${name} has an input with the name rewrites beside its option rewrites`,
    facts: { declared: site },
    next: 'Give the input another name.',
    family: 'usage',
  })
}

/** Whether the task says that it may write to this input of its own. */
export function isRewritten(root: string, { definition }: Rewriting): (path: TreePath) => boolean {
  const patterns = definition.rewrites?.patterns ?? []
  const wanted = patterns.filter((p) => !p.startsWith('!')).map((p) => treeMatcher(root, p))
  const refused = patterns.filter((p) => p.startsWith('!')).map((p) => treeMatcher(root, p.slice(1)))
  return (path) => wanted.some((match) => match(path)) && !refused.some((match) => match(path))
}

/**
 * As far as names tell, that nothing else writes to what a task rewrites; of what globs match, the run tells (`refuseShared`).
 * Error: E_REWRITES.
 */
export function checkRewrites(nodes: readonly Node[], makers: Makers, root: string): void {
  const rewriting = nodes.filter((node) => node.definition.rewrites)
  for (const node of rewriting) {
    const matches = isRewritten(root, node)
    const patterns = node.definition.rewrites?.patterns.filter((p) => !p.startsWith('!')) ?? []
    refuseShared(
      rewriting,
      makers,
      root,
    )(
      node,
      patterns.filter(isLiteral).map((p) => treePath(root, splitPattern(p).base)),
    )
    for (const maker of nodes) {
      const made = ownedPaths(maker).find(matches)
      if (made !== undefined) throw shared(node, maker, made, 'makes')
    }
    for (const other of rewriting) {
      const same = patterns.find((pattern) => other !== node && other.definition.rewrites?.patterns.includes(pattern))
      if (same !== undefined) throw shared(node, other, same, 'rewrites')
    }
  }
}

/** For the paths that a node rewrites: no other node makes or rewrites them. Error: E_REWRITES. */
export function refuseShared(nodes: readonly Node[], makers: Makers, root: string) {
  return (node: Node, paths: readonly TreePath[]): void => {
    const others = nodes.filter((other) => other !== node && other.definition.rewrites)
    for (const path of paths) {
      const maker = makers.makerOf(path)
      if (maker) throw shared(node, maker, path, 'makes')
      const other = others.find((each) => isRewritten(root, each)(path))
      if (other) throw shared(node, other, path, 'rewrites')
    }
  }
}

function shared(node: Node, other: Node, path: string, how: 'makes' | 'rewrites'): LakituError {
  const who = other === node ? 'it' : other.name
  return new LakituError({
    code: 'E_REWRITES',
    headline: `Task ${node.name} rewrites ${path}, which ${who} ${how} as well`,
    facts: {
      [node.name]: node.definition.site,
      ...(other === node ? {} : { [other.name]: other.definition.site }),
    },
    next: 'Let one task alone write to each path.',
    family: 'usage',
  })
}
