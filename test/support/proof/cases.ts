import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Playground } from '../playground.ts'
import { editsOf, filesIn } from './edits.ts'
import { greets, notes, played } from './notes.ts'

const repo = join(import.meta.dirname, '..', '..', '..')

/** One edit of the playground, made from where the one before left it. */
export interface Case {
  /** `consul/templates/consul.hcl, value`, or what else it is. */
  readonly name: string
  /** The role whose part it is, or one that has to do with it; `all` where it may be everything. */
  readonly of: string
  readonly edit: (playground: Playground) => void
}

/** Gives the copy what only the proof has: the role notes, and a variable that base reads, too. */
export function prepare(playground: Playground): void {
  for (const [file, text] of Object.entries(notes)) playground.write(`ansible/${file}`, text)
  playground.edit('ansible/roles/base/tasks/main.yml', (text) => text + greets)
  playground.edit('ansible/playbook.yml', (text) => text + played)
}

/** All cases, in their order: every file with the edits that fit it, then the other kinds. */
export const cases: readonly Case[] = [
  {
    name: 'a component in cluster.ts',
    of: 'all',
    edit: (to) =>
      to.edit('cluster.ts', (text) => {
        return text.replace('components: {', "components: { cni: { version: '1.1.1', ifUnavailable: 'leave out' },")
      }),
  },
  ...[...new Set([...filesIn(join(repo, 'ansible')), ...Object.keys(notes)])]
    .sort()
    .flatMap(editsOf)
    .map(({ kind, file, change }) => ({
      name: `${file.replace(/^roles\//, '')}, ${kind}`,
      of: roleOf(file),
      edit: (to: Playground) => to.edit(`ansible/${file}`, change),
    })),
  ...otherKinds().map((one) => ({ of: 'notes', ...one })),
]

const useOfIt = `
- name: Used
  ansible.builtin.template:
    src: used.txt
    dest: /opt/notes-used
    owner: root
    group: root
    mode: "0644"
  tags: [notes:service]
`

function roleOf(file: string): string {
  const role = file.startsWith('group_vars/') ? 'notes' : (/^roles\/([^/]+)/.exec(file)?.[1] ?? 'all')
  const beside: Readonly<Record<string, string>> = { base: 'notes', cni: 'nomad' }
  return beside[role] ?? role
}

function otherKinds(): readonly (Omit<Case, 'of'> & { readonly of?: string })[] {
  const of = (file: string) => `ansible/roles/notes/${file}`
  const [list, tasks] = [of('defaults/main.yml'), of('tasks/main.yml')]
  const change = (file: string, from: string, by: string) => (to: Playground) => {
    return to.edit(file, (text) => text.replace(from, by))
  }
  return [
    { name: 'a new list item', edit: change(list, '  - second.txt\n', '  - second.txt\n  - third.txt\n') },
    { name: 'a removed list item', edit: change(list, '  - first.txt\n', '') },
    { name: 'a variable that two roles read', edit: change('ansible/group_vars/all.yml', 'hello', 'good morning') },
    {
      name: 'another role comes to read a default',
      edit: change('ansible/roles/base/tasks/main.yml', '{{ greeting }}', '{{ greeting }}, {{ notes_lines }} lines'),
    },
    { name: 'a default that another role reads', edit: (to) => to.edit(list, (text) => text.replace(/\d+$/m, '99')) },
    { name: 'a handler', edit: change(of('handlers/main.yml'), "join(' ')", "join(', ')") },
    { name: 'a template that calls it', edit: change(of('templates/note.txt'), 'lines,', 'rows,') },
    { name: 'a new file that nobody uses', edit: (to) => to.write(of('templates/more.txt'), 'More.\n') },
    {
      name: 'a new file and the task that uses it',
      edit: (to) => {
        to.write(of('templates/used.txt'), 'Used by {{ greeting }}.\n')
        to.edit(tasks, (text) => text.replace('\n- name: Stamp where', `${useOfIt}$&`))
      },
    },
    {
      name: 'a rename',
      edit: (to) => {
        to.write(of('templates/page.txt'), to.read(of('templates/note.txt')))
        rmSync(to.path(of('templates/note.txt')))
        to.edit(tasks, (text) => text.replace('src: note.txt', 'src: page.txt'))
      },
    },
    { name: 'a deletion', edit: (to) => rmSync(to.path(of('templates/more.txt'))) },
    {
      name: 'a default that moves to where both roles find it',
      edit: (to) => {
        to.edit(list, (text) => text.replace(/^notes_lines.*\n/m, ''))
        to.edit('ansible/group_vars/all.yml', (text) => `${text}notes_lines: 99\n`)
      },
    },
    {
      name: 'a role that leaves the playbook',
      of: 'all',
      edit: (to) => {
        to.edit('ansible/playbook.yml', (text) => text.replace(played, ''))
        to.edit('ansible/roles/base/tasks/main.yml', (text) => text.replace(', {{ notes_lines }} lines', ''))
        rmSync(to.path('ansible/roles/notes'), { recursive: true })
      },
    },
    {
      name: 'all back to how it began',
      of: 'all',
      edit: (to) => {
        for (const file of filesIn(join(repo, 'ansible')))
          to.write(`ansible/${file}`, readFileSync(join(repo, 'ansible', file), 'utf8'))
        prepare(to)
      },
    },
  ]
}
