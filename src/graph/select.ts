import { LakituError } from '../model/error.ts'
import { nearest } from '../util/text.ts'
import type { Graph, Node } from './graph.ts'

/** The nodes that the names mean. Errors: E_UNKNOWN_TASK, with the nearest name, one of `others` too; E_DO_AND_UNDO. */
export function select(graph: Graph, names: readonly string[], others: Iterable<string> = []): readonly Node[] {
  const nodes = [...new Set(names.map((name) => graph.byName.get(name) ?? unknown(graph, name, others)))]
  refuseDoAndUndo(graph, nodes)
  return nodes
}

/** Nothing orders the undoing of an effect and its run, or two undoings: they would change the same things at the same time. */
function refuseDoAndUndo(graph: Graph, nodes: readonly Node[]): void {
  for (const undo of nodes.filter((node) => node.undoes.length > 0)) {
    for (const other of nodes.filter((node) => node !== undo)) {
      const changed = [...closure(graph, [other], 'needs and after'), ...other.undoes]
      const effect = changed.find((node) => undo.undoes.includes(node))
      if (effect) throw doAndUndo(undo, other, effect)
    }
  }
}

function doAndUndo(undo: Node, other: Node, effect: Node): LakituError {
  const how =
    other === effect ? 'is to be brought about' : `${other.name} ${other.undoes.length > 0 ? 'undoes' : 'needs'}`
  return new LakituError({
    code: 'E_DO_AND_UNDO',
    headline: `${undo.name} undoes ${effect.name}, which ${how} in the same run`,
    next: `Run one after the other: lakitu ${undo.name} && lakitu ${other.name}`,
    family: 'usage',
  })
}

function unknown(graph: Graph, name: string, others: Iterable<string>): never {
  const near = nearest(name, [...graph.byName.keys(), ...others])
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
