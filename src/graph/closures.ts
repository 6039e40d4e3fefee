import { LakituError } from '../model/error.ts'
import type { Input, NamedInput } from '../model/input.ts'
import { canonicalJson } from '../util/canonical.ts'
import { isTask } from './collect.ts'
import type { Node } from './graph.ts'

/**
 * Tasks that one loop declares run one code. Where nothing that a function is handed differs either, their functions can differ only
 * by what they close over, which no fact knows of. Error: E_CLOSES_OVER.
 */
export function checkClosures(nodes: readonly Node[]): void {
  const places = new Map<string, Node[]>()
  for (const node of nodes) {
    const { action, service, stack } = node.definition
    if ((action.kind !== 'run' && !service) || stack === '') continue
    const same = places.get(stack)
    if (same) same.push(node)
    else places.set(stack, [node])
  }
  const values = new Values()
  for (const same of places.values()) if (same.length > 1) checkOnePlace(same, values)
}

function checkOnePlace(nodes: readonly Node[], values: Values): void {
  for (const alike of Map.groupBy(nodes, shapeOf).values()) {
    if (alike.length < 2) continue
    const seen = new Map<string, Node>()
    for (const node of alike) {
      const handed = JSON.stringify(node.inputs.map(({ input }) => values.textOf(input)))
      const other = seen.get(handed)
      if (other) throw closesOver(other, node)
      seen.set(handed, node)
    }
  }
}

/** What its function is handed, as declared; of values only that there is one. */
function shapeOf({ inputs, needs, argv }: Node): string {
  const named = needs.map(({ key, nodes }) => [key, nodes.map((node) => node.name)])
  return JSON.stringify([named, inputs, argv], (_key, part: unknown) => {
    return isTask(part) ? part.name : isValue(part) ? part.kind : part
  })
}

function isValue(part: unknown): part is Input {
  return typeof part === 'object' && part !== null && 'kind' in part && part.kind === 'value'
}

/** What values hold; each is asked once. */
class Values {
  private readonly known = new Map<() => unknown, string>()

  textOf(input: NamedInput['input']): string {
    if (input.kind !== 'value') return ''
    const known = this.known.get(input.content)
    if (known !== undefined) return known
    const text = this.ask(input.content)
    this.known.set(input.content, text)
    return text
  }

  private ask(content: () => unknown): string {
    try {
      return canonicalJson(content() ?? null)
    } catch {
      // The run says best what is wrong with it; here it is like no other.
      return `unknown ${this.known.size}`
    }
  }
}

function closesOver(first: Node, second: Node): LakituError {
  return new LakituError({
    code: 'E_CLOSES_OVER',
    headline: `Tasks ${first.name} and ${second.name} are declared in one place and differ only in name and outputs`,
    facts: { declared: first.definition.site },
    next: 'What their functions differ by is no fact yet: pass it as an input, inputs: { name: value(…) }, and use ctx.inputs.name.',
    family: 'usage',
  })
}
