import type { Mentions } from './mentions.ts'
import { type NarrowTags, type Tags, union } from './tags.ts'
import { type FoundTask, isModule } from './tasks.ts'
import { child, isTable, itemsOf, type Node, pairsOf } from './tree.ts'

/**
 * Arguments that decide what a task itself writes, asks or compares, and neither where nor whether: what the role does elsewhere, such as
 * clearing away what lies at another place, does not hang on them.
 */
const ownArguments = new Set(['ask', 'content', 'digest', 'group', 'mode', 'owner', 'url', 'validate'])

const parts = ['block', 'rescue', 'always']

/** The words in a file of tasks: in such an argument with the tags that select its task, anywhere else with the whole role. */
export function mentionsOfTasks(
  mentions: Mentions,
  list: Node | undefined,
  { tasks, narrow }: { readonly tasks: readonly FoundTask[]; readonly narrow: NarrowTags },
): void {
  const tagsAt = (node: Node): Tags => {
    const inner = parts.flatMap((part) => itemsOf(child(node, part)))
    const own = tasks.filter((task) => task.node === node).map((task) => narrow.of(task))
    const all = child(node, 'block') ? inner.map(tagsAt) : own
    return all.reduce<Tags | undefined>(union, undefined) ?? 'all'
  }
  for (const node of itemsOf(list)) {
    const pairs = isTable(node) ? pairsOf(node) : []
    if (pairs.length === 0) mentions.yaml(node, 'all', as(''))
    for (const [key, value] of pairs) {
      if (key === 'with_varnames') mentions.indirect = true
      if (parts.includes(key)) mentionsOfTasks(mentions, value, { tasks, narrow })
      else if (isModule(key)) mentionsOfArguments(mentions, value, tagsAt(node))
      else if (key === 'module_defaults') {
        for (const [, values] of pairsOf(value)) mentionsOfArguments(mentions, values, tagsAt(node))
      } else mentions.yaml(value, 'all', as(key))
    }
  }
}

function mentionsOfArguments(mentions: Mentions, values: Node, tags: Tags): void {
  if (!isTable(values)) mentions.yaml(values, 'all', as(''))
  for (const [name, value] of isTable(values) ? pairsOf(values) : []) {
    mentions.yaml(value, ownArguments.has(name) ? tags : 'all', as(''))
  }
}

/** What a person may call a task mentions nothing. */
function as(key: string): { readonly keys: boolean; readonly prose: boolean } {
  return { keys: true, prose: key !== 'name' && key !== 'tags' }
}
