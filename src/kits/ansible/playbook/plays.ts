import { isTemplated } from './jinja.ts'
import type { Unclear } from './model.ts'
import { joined } from './places.ts'
import type { Reader } from './reader.ts'
import { child, isList, isTable, itemsOf, type Node, textOf } from './tree.ts'

/** An entry of `roles:`. */
export interface Entry {
  /** Undefined where it is made at run time. */
  readonly name: string | undefined
  readonly tags: readonly string[]
  readonly file: string
  readonly line: number
}

export interface Play {
  readonly file: string
  readonly node: Node
  readonly roles: readonly Entry[]
  /** Its own tasks, in the order in which they run. */
  readonly tasks: readonly Node[]
}

export interface Playbooks {
  readonly plays: readonly Play[]
  /** The playbook and those that it imports. */
  readonly files: readonly string[]
  readonly unclear: readonly Unclear[]
}

const main = 'playbook.yml'

/** The plays of playbook.yml, with those of the playbooks that it imports. */
export function readPlays(reader: Reader): Playbooks {
  const plays: Play[] = []
  const files: string[] = []
  const unclear: Unclear[] = []
  const read = (file: string, from: { readonly file: string; readonly line: number }) => {
    if (files.includes(file)) return
    if (!reader.has('playbook', file)) {
      reader.fault({ code: 'E_NO_PLAYBOOK', of: 'playbook', ...from, text: `There is no playbook ${file}` })
      return
    }
    files.push(file)
    for (const node of itemsOf(reader.yaml('playbook', file))) {
      const imported = child(node, 'import_playbook') ?? child(node, 'ansible.builtin.import_playbook')
      if (!imported) {
        plays.push(playOf(file, node))
        continue
      }
      const name = textOf(imported) ?? ''
      const path = isTemplated(name) ? undefined : joined(file.split('/').slice(0, -1).join('/'), name)
      const place = { file, line: imported.line }
      if (path === undefined)
        unclear.push({ of: 'playbook', ...place, what: "an imported playbook's name is a template" })
      else read(path, place)
    }
  }
  read(main, { file: main, line: 1 })
  return { plays, files, unclear }
}

function playOf(file: string, node: Node): Play {
  const roles = itemsOf(child(node, 'roles')).map((entry) => entryOf(file, entry))
  const tasks = ['pre_tasks', 'tasks', 'post_tasks', 'handlers'].flatMap((key) => itemsOf(child(node, key)))
  return { file, node, roles, tasks }
}

/** Of a play's `roles:` or of `dependencies:`. */
export function entryOf(file: string, entry: Node): Entry {
  const name = isTable(entry) ? textOf(child(entry, 'role') ?? child(entry, 'name')) : textOf(entry)
  const plain = name === undefined || isTemplated(name) ? undefined : name
  return { name: plain, tags: tagsOf(entry), file, line: entry.line }
}

/** The tags that are written on something. */
export function tagsOf(node: Node | undefined): readonly string[] {
  const written = child(node, 'tags')
  if (isList(written)) return written.items.flatMap((item) => textOf(item) ?? [])
  const text = textOf(written)
  return text === undefined ? [] : text.split(',').flatMap((tag) => tag.trim() || [])
}
