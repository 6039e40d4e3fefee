import { codeOf, isIndirect, isTemplated, wordsIn } from './jinja.ts'
import { inRole, isTaskPart, isVariablePart, isYaml } from './places.ts'
import type { Reader } from './reader.ts'
import { type Tags, union } from './tags.ts'
import { type Node, textsIn } from './tree.ts'
import type { Definition, Variables } from './variables.ts'

/** Words with the tags of what mentions them, and the texts they stand in. */
export class Mentions {
  readonly words = new Map<string, Tags>()
  /** Where variables are reached by names that are made at run time. */
  indirect = false

  /** `prose`: whether texts at `name:` and `tags:` count where they are no templates. */
  yaml(
    node: Node | undefined,
    tags: Tags,
    { keys, prose = true }: { readonly keys: boolean; readonly prose?: boolean },
  ): void {
    for (const { scalar, under, isKey } of textsIn(node)) {
      if (isKey && !keys && !isTemplated(scalar.text)) continue
      if (!isKey && !prose && isProse(under) && !isTemplated(scalar.text)) continue
      this.text(scalar.text, tags, !isKey)
    }
  }

  text(text: string, tags: Tags, isValue = true): void {
    if (isValue && isIndirect(text)) this.indirect = true
    for (const word of wordsIn(text)) this.words.set(word, union(this.words.get(word), tags))
  }

  /** A file of a role, by what it is. */
  file(reader: Reader, path: string, tags: Tags): void {
    const { part = '' } = inRole(path) ?? {}
    if (part === 'templates') {
      for (const code of reader.code(path)) this.text(code, tags)
    } else if ((isTaskPart(part) || isVariablePart(part)) && isYaml(path)) {
      this.yaml(reader.yaml('playbook', path), tags, { keys: true, prose: false })
    } else if (part === 'files' || part === '') this.code(reader.small('playbook', path), tags)
  }

  /** A file that may be taken for a template, wherever it lies. */
  code(text: string, tags: Tags): void {
    if (isTemplated(text)) for (const code of codeOf(text)) this.text(code, tags)
  }

  /** Closes over variables whose values mention variables; answers those that are reached, each with its tags. */
  reached(variables: Variables): ReadonlyMap<Definition, Tags> {
    const found = new Map<string, Tags>()
    const open = [...this.words.keys()].filter((word) => variables.byName.has(word))
    for (let word = open.pop(); word !== undefined; word = open.pop()) {
      const tags = this.words.get(word) ?? 'all'
      if (found.get(word) === tags) continue
      found.set(word, tags)
      for (const { nodes } of variables.byName.get(word) ?? []) {
        for (const next of this.through(nodes, tags)) if (variables.byName.has(next)) open.push(next)
      }
    }
    if (this.indirect) return new Map([...variables.byName.values()].flat().map((one) => [one, 'all']))
    return new Map([...found].flatMap(([word, tags]) => (variables.byName.get(word) ?? []).map((one) => [one, tags])))
  }

  /** The words in values, which take the tags of their variable; answers those whose tags grew. */
  private through(nodes: readonly Node[], tags: Tags): readonly string[] {
    const inside = new Set<string>()
    for (const { scalar, isKey } of nodes.flatMap(textsIn)) {
      if (!isKey && isIndirect(scalar.text) && isTemplated(scalar.text)) this.indirect = true
      for (const word of wordsIn(scalar.text)) inside.add(word)
    }
    return [...inside].filter((word) => {
      const before = this.words.get(word)
      const now = union(before, tags)
      if (before === now || (before instanceof Set && now instanceof Set && before.size === now.size)) return false
      this.words.set(word, now)
      return true
    })
  }
}

function isProse(under: string | undefined): boolean {
  return under === 'name' || under === 'tags'
}
