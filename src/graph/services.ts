import { LakituError } from '../model/error.ts'
import type { Node } from './graph.ts'

/** Nothing of a service is kept: it has no outputs to take a part of, and nothing to undo. Errors: E_NO_OUTPUTS, E_UNDO_SERVICE. */
export function checkServices(nodes: readonly Node[]): void {
  const services = new Map(nodes.flatMap((node) => (node.definition.kind === 'service' ? [[node.name, node]] : [])))
  if (services.size === 0) return
  for (const node of nodes) {
    const { action } = node.definition
    const undone = action.kind === 'undo' ? action.effects.find(({ name }) => services.has(name)) : undefined
    if (undone) throw undoesService(node, undone.name)
    const named = node.inputs.flatMap(({ input }) => (input.kind === 'part' ? input.tasks : []))
    const part = named.find((name) => services.has(name))
    if (part !== undefined) throw takesPart(node, part)
  }
}

function undoesService({ name, definition }: Node, service: string): LakituError {
  return new LakituError({
    code: 'E_UNDO_SERVICE',
    headline: `${name} is to undo ${service}, which is a service: it ends with lakitu, and nothing of it stays`,
    facts: { declared: definition.site },
    next: `Take ${service} out of its list.`,
    family: 'usage',
  })
}

function takesPart({ name, definition }: Node, service: string): LakituError {
  return new LakituError({
    code: 'E_NO_OUTPUTS',
    headline: `input(${service}) among the inputs of ${name} names a service, which makes no files`,
    facts: { declared: definition.site },
    next: `Put ${service} into needs.`,
    family: 'usage',
  })
}
