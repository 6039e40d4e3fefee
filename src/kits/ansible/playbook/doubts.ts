import type { Everything } from './everything.ts'
import { isFact } from './facts.ts'
import { namesOthers } from './hosts.ts'
import { isTemplated, wordsIn } from './jinja.ts'
import type { Unclear } from './model.ts'
import { inRole } from './places.ts'
import { type Play, tagsOf } from './plays.ts'
import type { Reader } from './reader.ts'
import { child, type Node, textOf, textsIn } from './tree.ts'

/** A text of a source that Ansible may evaluate, or a key in it. */
interface Said {
  readonly of: Unclear['of']
  readonly file: string
  readonly line: number
  readonly text: string
  readonly isKey: boolean
  /** What stands at a key. */
  readonly value?: string | undefined
}

/** What the playbooks and these files say that makes a limit to some hosts, or any part, unsafe. */
export function doubtsOf(
  { reader, playbooks: { plays }, inventory }: Pick<Everything, 'reader' | 'playbooks' | 'inventory'>,
  files: readonly Pick<Unclear, 'of' | 'file'>[],
  made: ReadonlySet<string>,
) {
  const allHosts: Unclear[] = []
  const all: Unclear[] = []
  const said = [
    ...plays.flatMap(({ file, node }) => saidIn({ of: 'playbook', file }, node)),
    ...inventory.variables.flatMap(({ file, node }) => saidIn({ of: 'inventory', file }, node)),
    ...files.flatMap((place) => inFile(reader, place)),
  ]
  const gathers =
    plays.some((play) => gathersFacts(reader, play)) || said.some(({ isKey, text }) => isKey && isSetup(text))
  for (const one of said) {
    const place = { of: one.of, file: one.file, line: one.line }
    const host = one.isKey ? hostKey(one) : hostText(one.text, made, gathers)
    if (host !== undefined) allHosts.push({ ...place, what: host })
    if (!one.isKey && /\bansible_(run_tags|skip_tags|limit)\b/.test(one.text)) {
      all.push({ ...place, what: 'something depends on how it is run' })
    }
  }
  for (const { file, node } of plays) {
    const [serial, prompt] = [child(node, 'serial'), child(node, 'vars_prompt')]
    if (namesOthers(child(node, 'hosts'), inventory)) {
      // A limit would leave localhost out.
      allHosts.push({
        of: 'playbook',
        file,
        line: node.line,
        what: 'a play is for hosts that the inventory does not name',
      })
    }
    if (tagsOf(node).some((tag) => tag === 'never' || tag === 'always' || isTemplated(tag))) {
      all.push({ of: 'playbook', file, line: node.line, what: 'a play has a tag that does not only name' })
    }
    if (serial) allHosts.push({ of: 'playbook', file, line: serial.line, what: 'hosts go in turns (serial)' })
    if (prompt) all.push({ of: 'playbook', file, line: prompt.line, what: 'somebody is asked for variables' })
  }
  return { allHosts, all }
}

function saidIn(place: Pick<Unclear, 'of' | 'file'>, node: Node | undefined): readonly Said[] {
  const texts = textsIn(node)
  return texts.map(({ scalar, isKey }, i) => {
    const next = isKey ? texts[i + 1] : undefined
    return { ...place, line: scalar.line, text: scalar.text, isKey, value: next?.isKey ? undefined : next?.scalar.text }
  })
}

function inFile(reader: Reader, place: Pick<Unclear, 'of' | 'file'>): readonly Said[] {
  const { of, file } = place
  const part = inRole(file)?.part
  if (of === 'inventory' || part !== 'templates') return saidIn(place, reader.yaml(of, file))
  const text = reader.text('playbook', file) ?? ''
  return reader.code(file).map((code) => {
    const line = text.slice(0, Math.max(0, text.indexOf(code))).split('\n').length
    return { ...place, line, text: code, isKey: false }
  })
}

function gathersFacts(reader: Reader, { node }: Play): boolean {
  const said = textOf(child(node, 'gather_facts'))
  if (said !== undefined) return !/^(no|false|off|n|f|0)$/i.test(said)
  const config = reader.has('playbook', 'ansible.cfg') ? (reader.text('playbook', 'ansible.cfg') ?? '') : ''
  return !/^\s*gathering\s*=\s*explicit/m.test(config)
}

function isSetup(key: string): boolean {
  return /^(ansible\.(builtin|legacy)\.)?(setup|gather_facts)$/.test(key) && key !== 'gather_facts'
}

function hostKey({ text, value }: Said): string | undefined {
  const isOff = value !== undefined && /^(no|false)$/i.test(value)
  if (text === 'run_once' && !isOff) return 'a task runs on one host for all (run_once)'
  if (text === 'delegate_to' || text === 'local_action') return 'a task runs on another host (delegate_to)'
  if (text === 'delegate_facts' && !isOff) return 'facts are given to another host (delegate_facts)'
  return undefined
}

function hostText(text: string, made: ReadonlySet<string>, gathers: boolean): string | undefined {
  if (/\b(ansible_play_hosts(_all)?|ansible_play_batch|play_hosts)\b/.test(text))
    return 'the hosts of the run are counted'
  if (!text.includes('hostvars') && !text.includes('ansible_')) return undefined
  const words = wordsIn(text)
  if (gathers && words.some(isFact)) return 'facts of hosts are used'
  if (made.size > 0 && words.includes('hostvars')) return 'what tasks found out on other hosts may be used (hostvars)'
  return undefined
}
