import { LakituError } from '../model/error.ts'
import { nearest } from '../util/text.ts'
import type { Graph, Node } from './graph.ts'

/** The nodes that the names mean. Error: E_UNKNOWN_TASK, with the nearest name. */
export function select(graph: Graph, names: readonly string[]): readonly Node[] {
  return [...new Set(names.map((name) => graph.byName.get(name) ?? unknown(graph, name)))]
}

function unknown(graph: Graph, name: string): never {
  const near = nearest(name, graph.byName.keys())
  throw new LakituError({
    code: 'E_UNKNOWN_TASK',
    headline: `There is no task ${JSON.stringify(name)}`,
    next: near === undefined ? 'lakitu list shows the tasks there are.' : `Did you mean ${near}?`,
    family: 'usage',
  })
}

/** The targets, all that they need, and all that may have to come before these: in order. */
export function closure(graph: Graph, targets: readonly Node[], edges: 'needs' | 'needs and after'): readonly Node[] {
  const wanted = new Set<Node>()
  const waiting = [...targets]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (wanted.has(node)) continue
    wanted.add(node)
    waiting.push(...node.requires)
    if (edges === 'needs and after') waiting.push(...node.after)
  }
  return graph.nodes.filter((node) => wanted.has(node))
}
