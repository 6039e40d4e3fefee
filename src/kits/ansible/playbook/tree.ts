import { hash } from 'node:crypto'

interface Common {
  /** From 1. */
  readonly line: number
  /** As written: `!vault`. */
  readonly tag?: string
  /** Stands in several places, by an alias. */
  readonly anchored?: true
}

/** A word or a text. Nothing is resolved: `yes` is a text that is plain. */
export interface Scalar extends Common {
  readonly kind: 'scalar'
  readonly text: string
  /** Without quotes, and no block of text. */
  readonly plain: boolean
}

export interface List extends Common {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface Pair {
  readonly key: Node
  readonly value: Node
}

export interface Table extends Common {
  readonly kind: 'table'
  readonly pairs: readonly Pair[]
}

/** YAML as it is written, without comments and layout. */
export type Node = Scalar | List | Table

export const isTable = (node: Node | undefined): node is Table => node?.kind === 'table'
export const isList = (node: Node | undefined): node is List => node?.kind === 'list'

/** The text of a scalar. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.text : undefined
}

/** Items of a list; a single thing is a list of one, nothing at all an empty one. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined || isNothing(node)) return []
  return node.kind === 'list' ? node.items : [node]
}

export function isNothing(node: Node): boolean {
  return node.kind === 'scalar' && node.plain && /^(~|null|Null|NULL|)$/.test(node.text)
}

/** Pairs whose keys are texts; what `<<` takes in comes after them. */
export function pairsOf(node: Node | undefined): readonly (readonly [name: string, value: Node])[] {
  if (!isTable(node)) return []
  const merged: (readonly [string, Node])[] = []
  const own = node.pairs.flatMap(({ key, value }) => {
    const name = textOf(key)
    if (name === undefined) return []
    if (name !== '<<') return [[name, value] as const]
    for (const item of itemsOf(value)) merged.push(...pairsOf(item))
    return []
  })
  return [...own, ...merged]
}

/** The value of a key; the last one where it stands twice, as Ansible has it. */
export function child(node: Node | undefined, name: string): Node | undefined {
  let own: Node | undefined
  if (!isTable(node)) return undefined
  for (const { key, value } of node.pairs) if (textOf(key) === name) own = value
  return own ?? pairsOf(node).find(([key]) => key === name)?.[1]
}

export function digest(...parts: (string | Uint8Array)[]): string {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? hash('sha256', only) : hash('sha256', JSON.stringify(parts))
}

const known = new WeakMap<Node, string>()

/** Tells apart what means something else: structure, tags, texts and whether they are quoted, in order. */
export function meaning(node: Node): string {
  if (!node.anchored) return written(node)
  // A text of its own would double with each alias of an alias.
  const before = known.get(node) ?? digest(written(node))
  known.set(node, before)
  return `*${before}`
}

function written(node: Node): string {
  const tag = node.tag === undefined ? '' : `${JSON.stringify(node.tag)} `
  if (node.kind === 'scalar') return `${tag}${node.plain ? '' : 'q'}${JSON.stringify(node.text)}`
  if (node.kind === 'list') return `${tag}[${node.items.map(meaning).join()}]`
  return `${tag}{${node.pairs.map(({ key, value }) => `${meaning(key)}:${meaning(value)}`).join()}}`
}

/** A text, where it stands, and the key that leads to it; `isKey`: it is one. */
export interface Text {
  readonly scalar: Scalar
  /** The nearest key above. */
  readonly under: string | undefined
  readonly isKey: boolean
}

/** Every text in it, each once. */
export function textsIn(node: Node | undefined): readonly Text[] {
  const found: Text[] = []
  const seen = new Set<Node>()
  const visit = (at: Node, under: string | undefined, isKey: boolean) => {
    if (at.anchored && seen.has(at)) return
    if (at.anchored) seen.add(at)
    if (at.kind === 'scalar') found.push({ scalar: at, under, isKey })
    else if (at.kind === 'list') for (const item of at.items) visit(item, under, false)
    else
      for (const { key, value } of at.pairs) {
        visit(key, under, true)
        visit(value, textOf(key), false)
      }
  }
  if (node) visit(node, undefined, false)
  return found
}
