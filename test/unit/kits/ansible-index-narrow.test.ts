import { expect, test } from 'vitest'
import { indexOf } from '../../../src/kits/ansible/playbook/index-of.ts'
import { index, ingredients, playOf, sourcesOf } from '../../support/playbook.ts'

type Texts = Readonly<Record<string, string>>

const main = 'roles/app/tasks/main.yml'
const conf = 'roles/app/templates/app.conf'
const tasks = `
- template: {src: app.conf, dest: /etc/app.conf, mode: "0644"}
  tags: [app:config]
- systemd: {name: app, state: started}
  tags: [app:install, app:config, app:service]
`
/** A role whose template would be applied by app:config alone. */
function app(more: string, files: Texts = {}): Texts {
  return {
    'playbook.yml': playOf('app'),
    [conf]: 'port = {{ port }}\n',
    'roles/app/defaults/main.yml': 'port: 1\n',
    [main]: tasks + more,
    ...files,
  }
}
function tagsOf(playbook: Texts, name: string): readonly string[] | string {
  const found = ingredients(index(playbook), 'app')[name]
  return found ? (found.tags ?? 'whole role') : 'not there'
}
const whats = (all: readonly { readonly what: string }[]) => all.map(({ what }) => what)

const finding = '- set_fact: {greeting: hi}\n  tags: [app:install]\n'

test.each<[string, Texts]>([
  ['a template', { [conf]: '{{ greeting | default("none") }}' }],
  ['a variable', { [conf]: '{{ port }}', 'group_vars/all.yml': 'port: "{{ greeting | default(1) }}"\n' }],
  ['a handler', { 'roles/app/handlers/main.yml': '- command: "reload {{ greeting | default(1) }}"\n' }],
])('no part of a role where %s uses what a task of another section finds out', (_, files) => {
  expect(tagsOf(app(finding), conf)).toEqual(['app:config'])
  expect(tagsOf(app(finding, files), conf)).toBe('whole role')
})

test.each<[string, Texts]>([
  ['a template', { [conf]: '{{ greeting | default("none") }}' }],
  ['a variable', { 'group_vars/all.yml': 'port: "{{ greeting | default(1) }}"\n' }],
])('everything where %s uses what another role found out', (_, files) => {
  const other = { 'playbook.yml': playOf('other', 'app'), 'roles/other/tasks/main.yml': '- set_fact: {greeting: hi}\n' }
  expect(index(app('', other)).needsAll).toEqual([])
  expect(index(app('', { ...other, ...files })).needsAll).not.toEqual([])
})

test('everything where variables are taken in under a name, which nothing mentions one by one', () => {
  const taken = app('- include_vars: {file: x.yml, name: conf}\n', { 'roles/app/vars/x.yml': 'a: 1\n' })
  expect(whats(index(taken).needsAll)).toEqual(['variables are taken in under a name'])
})

test.each([
  '- assemble: {src: /etc/app.d, dest: /etc/app, mode: "0644"}',
  '- pip: {requirements: /opt/app/requirements.txt}',
  '- lineinfile: {path: /etc/app.conf, line: x}',
  '- copy: {src: /etc/a, dest: /etc/b, remote_src: true, mode: "0644"}',
  '- file: {path: /etc/app, state: directory, recurse: true, owner: app, mode: "0755"}',
  '- apt: {deb: /tmp/app.deb}',
])('the whole role where a task without the tag works on what others put on the host: %s', (task) => {
  expect(tagsOf(app(`${task}\n`), conf)).toBe('whole role')
  expect(tagsOf(app(`${task}\n  tags: [app:config]\n`), conf)).toEqual(['app:config'])
})

test.each([
  `copy: {src: "{{ item }}", dest: /x, mode: "0644"}\n  loop: "{{ query('fileglob', 'conf/*') }}"`,
  `copy: {content: "{{ lookup('ini', 'k file=conf/a.ini') }}", dest: /x, mode: "0644"}`,
  `copy: {content: "{{ lookup('file', 'b', 'conf/a.ini') }}", dest: /x, mode: "0644"}`,
  'copy: {content: "{{ item }}", dest: /x, mode: "0644"}\n  with_ini: k file=conf/a.ini',
])('a file that another task may look up by more than its name is of the whole role, or of both: %s', (task) => {
  const uses = `- ${task}\n  tags: [app:service]\n- copy: {src: conf/a.ini, dest: /y, mode: "0644"}\n  tags: [app:config]\n`
  expect(tagsOf(app(uses, { 'roles/app/files/conf/a.ini': '' }), 'roles/app/files/conf/a.ini')).not.toEqual([
    'app:config',
  ])
})

test('variables with names in any alphabet, or that are looped over by a pattern, count', () => {
  const named = { 'group_vars/all.yml': 'größe: 1\nqz_a: 1\n' }
  expect(tagsOf(app('', { ...named, [conf]: '{{ größe }}' }), 'group_vars/all.yml#größe')).toEqual(['app:config'])
  const looped = app('- debug: {msg: "{{ item }}"}\n  with_varnames: ["^qz_"]\n', named)
  expect(tagsOf(looped, 'group_vars/all.yml#qz_a')).toBe('whole role')
})

test.each(['roles/app/tasks/requirements.yml', 'roles/app/files/sedscript', 'group_vars/all/requirements.yml'])(
  '%s is no leftover: an edit of it counts',
  (path) => {
    const found = index(
      app('- import_tasks: requirements.yml\n', { 'roles/app/tasks/requirements.yml': '[]', [path]: 'port: 2' }),
    )
    expect([...found.shared, ...(found.roles[0]?.ingredients ?? [])].map(({ file }) => file)).toContain(path)
  },
)

test('a second document in a file is an error, as it is for Ansible', () => {
  expect(() => index(app('', { 'group_vars/all.yml': 'a: 1\n---\nport: 2\n' }))).toThrow('multiple documents')
})

test.each<[string, Texts]>([
  ['a play for localhost, which a limit leaves out', { 'playbook.yml': playOf('app').replace('all', 'localhost') }],
  ['a variable of a group counts the hosts of the run', { 'group_vars/all.yml': 'port: "{{ ansible_play_hosts }}"\n' }],
  ['a task of its own runs here', { [main]: '- local_action: debug\n' }],
])('all hosts where %s', (_, files) => {
  expect(index(app('')).needsAllHosts).toEqual([])
  expect(index(app('', files)).needsAllHosts).not.toEqual([])
})

test('everything where a play is only run when its tag is named', () => {
  const never = playOf('app').replace('  gather_facts', '  tags: never\n  gather_facts')
  expect(index(app('', { 'playbook.yml': never })).needsAll).not.toEqual([])
})

test('a role counts that a file of tasks beside the playbook takes in', () => {
  const beside = {
    'playbook.yml': `${playOf('app')}  tasks: [{import_tasks: tasks/more.yml}]\n`,
    'tasks/more.yml': '- import_role: {name: low}\n',
    'roles/low/tasks/main.yml': '- debug:\n',
  }
  expect(index(app('', beside)).shared.map(({ file }) => file)).toContain('roles/low/tasks/main.yml')
})

test('tasks count wherever in the role they lie', () => {
  const elsewhere = { 'roles/app/common/x.yml': '- debug: {msg: "{{ said }}"}\n', 'group_vars/all.yml': 'said: 1\n' }
  expect(tagsOf(app('- import_tasks: ../common/x.yml\n', elsewhere), 'group_vars/all.yml#said')).toBe('whole role')
})

test('a template with marks that its task gives mentions all of its words, and is never open', () => {
  const own = (text: string) =>
    text.replace('app.conf,', 'app.conf, variable_start_string: "[[", variable_end_string: "]]",')
  const marked = app('', { [main]: own(tasks), [conf]: 'port = [[ port ]] {{ {% raw\n' })
  expect(tagsOf(marked, 'roles/app/defaults/main.yml#port')).toEqual(['app:config'])
})

test.each(['roles/app/files/tool', 'roles/app/templates/app.conf', 'files/tool'])(
  'the permissions of %s count, which a task may take along to the hosts',
  (path) => {
    const sources = sourcesOf({ ...app(''), 'roles/app/files/tool': '#!/bin/sh\n', 'files/tool': '#!/bin/sh\n' })
    const hashIn = (mode: number) => {
      const found = indexOf(sources, { modes: new Map([[path, mode]]) })
      const all = [...found.shared, ...found.roles.flatMap((role) => role.ingredients)]
      return all.find(({ file }) => file === path)?.hash
    }
    expect(hashIn(0o644)).toBeTruthy()
    expect(hashIn(0o755)).not.toBe(hashIn(0o644))
  },
)
