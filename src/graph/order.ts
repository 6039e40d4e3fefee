import { LakituError } from '../model/error.ts'
import type { Node } from './graph.ts'

/** Needs and `after` before dependents, otherwise the given order. Error: E_CYCLE, with the way around. */
export function inOrder(nodes: readonly Node[]): readonly Node[] {
  const done = new Set<Node>()
  const order: Node[] = []
  for (const start of nodes) {
    // An own stack: a chain of 100,000 tasks is deeper than the engine's.
    const path: { node: Node; next: Iterator<Node> }[] = []
    const onPath = new Set<Node>()
    const enter = (node: Node) => {
      if (done.has(node)) return
      if (onPath.has(node))
        throw cycle(
          path.map((step) => step.node),
          node,
        )
      onPath.add(node)
      path.push({ node, next: [...node.requires, ...node.after].values() })
    }
    enter(start)
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const next = step.next.next()
      if (!next.done) {
        enter(next.value)
        continue
      }
      path.pop()
      onPath.delete(step.node)
      done.add(step.node)
      order.push(step.node)
    }
  }
  return order
}

function cycle(path: readonly Node[], again: Node): LakituError {
  const around = [...path.slice(path.indexOf(again)), again]
  return new LakituError({
    code: 'E_CYCLE',
    headline: `Tasks need each other in a circle: ${around.map((node) => node.name).join(' → ')}`,
    facts: Object.fromEntries(around.slice(0, -1).map((node) => [node.name, node.definition.site])),
    next: 'Take one of these needs away.',
    family: 'usage',
  })
}
