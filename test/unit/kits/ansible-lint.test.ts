import { expect, test } from 'vitest'
import { lintRoles } from '../../../src/kits/ansible/lint/lint.ts'
import { ownPlaybook, playOf, sourcesOf } from '../../support/playbook.ts'

const all = '[app:install, app:config, app:service]'
const good = {
  'playbook.yml': playOf('app', 'other'),
  'roles/other/defaults/main.yml': 'their_port: 1\n',
  'roles/app/templates/app.service': 'x',
  'roles/app/templates/app.conf': 'x {{ ansible_managed }}',
  'roles/app/tasks/main.yml': `
- template: {src: app.conf, dest: /etc/app.d/app.conf, mode: "0644"}
  tags: [app:config]
- find: {paths: /etc/app.d, excludes: [app.conf]}
  register: app_unknown
  tags: [app:config]
- file: {path: "{{ item.path }}", state: absent}
  loop: "{{ app_unknown.files }}"
  tags: [app:config]
- agent: {name: app}
  tags: ${all}
`,
}
type Texts = Readonly<Record<string, string>>
const lint = (changed: Texts = {}) => {
  return lintRoles(sourcesOf({ ...good, ...changed }, {})).map(({ file, line, rule }) => `${file}:${line} ${rule}`)
}
const tasks = 'roles/app/tasks/main.yml'
const edited = (from: string, to: string): Texts => ({ [tasks]: good[tasks].replace(from, to) })
const more = (text: string): Texts => ({ [tasks]: `${good[tasks]}${text}\n` })

test("the repository's own roles keep the conventions", () => {
  expect(lintRoles({ playbook: ownPlaybook(), inventory: new Map() })).toEqual([])
})

test('roles that keep them have no problems', () => {
  expect(lint()).toEqual([])
})

test.each<[string, Texts]>([
  ['playbook.yml:4 role-tag', { 'playbook.yml': good['playbook.yml'].replace('[role:app]', '[role:ap]') }],
  ['playbook.yml:2 fatal', { 'playbook.yml': '- hosts: all\n  any_errors_fatal: "{{ x }}"\n' }],
  [`${tasks}:2 section-tag`, edited('tags: [app:config]', 'when: true')],
  [`${tasks}:2 section-tag`, edited('tags: [app:config]', 'tags: [app:config, other:config]')],
  [`${tasks}:10 follow-tag`, edited(all, '[app:service]')],
  [`${tasks}:10 follow-tag`, edited('tags: [app:config]', 'tags: [app:config, app:file:app.conf]')],
  [`${tasks}:12 follow-tag`, more('- systemd: {name: app, state: started}\n  tags: [app:service]')],
  [`${tasks}:12 follow-tag`, more('- meta: flush_handlers\n  tags: [app:service]')],
  ['roles/app/handlers/main.yml:1 flush', { 'roles/app/handlers/main.yml': '- name: x\n  debug: {msg: x}\n' }],
  [`${tasks}:12 include-apply`, more('- include_role: {name: other}\n  tags: [app:config]')],
  ['roles/app/templates/app.conf:1 foreign-variable', { 'roles/app/templates/app.conf': '{{ their_port }}' }],
  ['roles/app/templates/app.conf:2 fact', { 'roles/app/templates/app.conf': '\n{{ ansible_eth0.ipv4 }}' }],
  ['roles/app/defaults/main.yml:1 lookup', { 'roles/app/defaults/main.yml': `a: "{{ lookup('env', 'HOME') }}"` }],
  ['group_vars/all.yml:2 secret', { 'group_vars/all.yml': 'a: 1\napp_token: abc\n' }],
  ['roles/app/templates/app.service:1 stale-unit', edited('- agent: {name: app}', '- debug: {msg: app}')],
  [`${tasks}:2 purge`, edited('excludes: [app.conf]', 'excludes: [app.conf, old.conf]')],
  [`${tasks}:2 purge`, edited('state: absent', 'state: directory, mode: "0755"')],
  [`${tasks}:2 purge`, edited('paths: /etc/app.d', 'paths: /etc/app')],
  [`${tasks}:2 mode`, edited(', mode: "0644"', '')],
  [`${tasks}:1 source`, { [tasks]: 'a: [' }],
])('%s', (problem, changed) => {
  expect(lint(changed)).toContain(problem)
})

test('a secret that is encrypted or made elsewhere is none in the open', () => {
  expect(
    lint({ 'group_vars/all.yml': 'a_key: "{{ x }}"\nb_key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n' }),
  ).toEqual([])
})
