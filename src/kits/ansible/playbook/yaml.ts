import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Node, Pair } from './tree.ts'

/** The library is loaded by the first file that is parsed. */
const load = createRequire(import.meta.url)
let loaded: typeof Yaml | undefined

// Kept: to ask Node for it again costs more than to parse a small file.
function yaml(): typeof Yaml {
  const found: typeof Yaml = loaded ?? load('yaml')
  loaded = found
  return found
}

export type Parsed =
  | { readonly node: Node; readonly fault?: undefined }
  | { readonly fault: { readonly line: number; readonly column: number; readonly text: string } }

/** YAML 1.1, JSON too. Nothing is resolved: tags, quotes and spelling stay. */
export function parseYaml(text: string): Parsed {
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    // All is text, so that nothing is lost: what `yes` or `012` means is Ansible's business.
    schema: 'failsafe',
    // Ansible takes the last one.
    uniqueKeys: false,
    // Faults are what Ansible's parser does not take either, not what is bad style.
    strict: false,
    prettyErrors: false,
    // Not silent: then the documents behind the first one would be passed over.
    logLevel: 'error',
    lineCounter: lines,
  })
  const [error] = document.errors
  if (!error) return { node: new Converter(lines).node(document.contents) }
  const { line, col } = lines.linePos(error.pos[0])
  return { fault: { line: Math.max(1, line), column: Math.max(1, col), text: oneLine(error.message) } }
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim()
}

class Converter {
  private readonly lines: Yaml.LineCounter
  private readonly anchors = new Map<string, Node>()

  constructor(lines: Yaml.LineCounter) {
    this.lines = lines
  }

  node(from: unknown, line = 1): Node {
    const { isAlias, isCollection, isMap, isNode, isScalar } = yaml()
    if (!isNode(from)) return { kind: 'scalar', text: '', plain: true, line }
    // An alias of what it stands in is no text that means something.
    if (isAlias(from)) return this.anchors.get(from.source) ?? scalar(`*${from.source}`, line)
    const common = {
      line: from.range ? this.lines.linePos(from.range[0]).line : line,
      ...(from.tag === undefined ? {} : { tag: from.tag }),
      ...(from.anchor === undefined ? {} : { anchored: true as const }),
    }
    const node: Node = isScalar(from)
      ? { kind: 'scalar', text: String(from.value ?? ''), plain: from.type === 'PLAIN', ...common }
      : isCollection(from) && isMap(from)
        ? { kind: 'table', pairs: from.items.map((pair) => this.pair(pair, common.line)), ...common }
        : { kind: 'list', items: isCollection(from) ? this.items(from.items, common.line) : [], ...common }
    if (from.anchor !== undefined) this.anchors.set(from.anchor, node)
    return node
  }

  private pair({ key, value }: { readonly key: unknown; readonly value: unknown }, line: number): Pair {
    const name = this.node(key, line)
    return { key: name, value: this.node(value, name.line) }
  }

  /** `!!set` and `!!omap` hold pairs. */
  private items(items: readonly unknown[], line: number): readonly Node[] {
    const { isPair } = yaml()
    return items.map((item) =>
      isPair(item) ? { kind: 'table', pairs: [this.pair(item, line)], line } : this.node(item, line),
    )
  }
}

function scalar(text: string, line: number): Node {
  return { kind: 'scalar', text, plain: true, line }
}
