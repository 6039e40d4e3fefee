import { expect, test } from 'vitest'
import { indexOf } from '../../../src/kits/ansible/playbook/index-of.ts'
import { defineCluster, inventoryOf } from '../../../src/kits/cluster/index.ts'
import { index, ingredients, inventory, ownPlaybook, playOf, sharedNames } from '../../support/playbook.ts'

const app = {
  'playbook.yml': playOf('app'),
  'roles/app/tasks/main.yml': `
- template: {src: app.conf, dest: /etc/app.conf, mode: "0644"}
  tags: [app:config]
- template: {src: app.service, dest: /etc/systemd/system/app.service, mode: "0644"}
  tags: [app:service]
- systemd: {name: app, state: started}
  tags: [app:install, app:config, app:service]
`,
  'roles/app/templates/app.conf': 'port = {{ port }}\n{# unused #}\n',
  'roles/app/templates/app.service': 'User={{ user }}\n',
  'roles/app/defaults/main.yml': 'port: "{{ base_port }}"\nuser: app\nunused: 1\n',
  'group_vars/all.yml': 'base_port: 80\n',
}
const tagsOf = (playbook: typeof app | Record<string, string>, name: string) => {
  const found = ingredients(index(playbook), 'app')[name]
  return found ? (found.tags ?? 'whole role') : 'not there'
}
const without = (path: string, change: (text: string) => string) => {
  const texts: Record<string, string> = { ...app }
  return { ...texts, [path]: change(texts[path] ?? '') }
}
const tasks = 'roles/app/tasks/main.yml'

test('a template that one section uses takes its tag, and so do variables that only it mentions, through others too', () => {
  expect(tagsOf(app, 'roles/app/templates/app.conf')).toEqual(['app:config'])
  expect(tagsOf(app, 'roles/app/templates/app.service')).toEqual(['app:service'])
  expect(tagsOf(app, 'roles/app/defaults/main.yml#port')).toEqual(['app:config'])
  expect(tagsOf(app, 'group_vars/all.yml#base_port')).toEqual(['app:config'])
  expect(tagsOf(app, 'roles/app/defaults/main.yml#user')).toEqual(['app:service'])
  expect(tagsOf(app, 'roles/app/defaults/main.yml#unused')).toBe('not there')
  expect(tagsOf(app, tasks)).toBe('whole role')
})

test('a tag of the file itself goes before its section', () => {
  const tagged = without(tasks, (text) =>
    text
      .replace('tags: [app:config]', 'tags: [app:config, app:file:app.conf]')
      .replace('[app:install, app:config, app:service]', '[app:install, app:config, app:service, app:file:app.conf]'),
  )
  expect(tagsOf(tagged, 'roles/app/templates/app.conf')).toEqual(['app:file:app.conf'])
})

test.each<[string, (text: string) => string]>([
  ['the start would not come along', (text) => text.replace('[app:install, app:config, app:service]', '[app:service]')],
  ['a module that nobody knows would not', (text) => `${text}- frobnicate: {}\n  tags: [app:service]\n`],
  ['the name is a template', (text) => text.replace('src: app.conf', 'src: "{{ item }}"')],
  ['the task has no tag', (text) => text.replace('tags: [app:config]', 'when: true')],
  ['another task may use any of its ending', (text) => text.replace('src: app.service', 'src: "{{ name }}.conf"')],
  ['a lookup may mean any', (text) => `${text}- debug: {msg: "{{ lookup('template', x) }}"}\n  tags: [app:service]\n`],
  ['a dynamic include keeps its tags to itself', (text) => `${text}- include_tasks: more.yml\n  tags: [app:config]\n`],
])('the whole role where %s', (_, change) => {
  const changed = { ...without(tasks, change), 'roles/app/tasks/more.yml': '- debug: {msg: x}\n' }
  expect(tagsOf(changed, 'roles/app/templates/app.conf')).toBe('whole role')
  expect(tagsOf(changed, 'roles/app/defaults/main.yml#port')).toBe('whole role')
})

test('the whole role where tasks of another role follow it', () => {
  const follows = '- frobnicate: {}\n  tags: [other:install, other:config, other:service, role:app]\n'
  const both = { ...app, 'playbook.yml': playOf('app', 'other'), 'roles/other/tasks/main.yml': follows }
  expect(tagsOf(both, 'roles/app/templates/app.conf')).toBe('whole role')
  expect(tagsOf(both, 'roles/app/defaults/main.yml#port')).toBe('whole role')
})

test.each<[string, string, readonly string[] | string]>([
  ['what is written', 'copy: {content: "{{ port }}", dest: /etc/x, mode: "0644"}', ['app:config']],
  ['the mode', 'file: {path: /etc/x, mode: "{{ port }}"}', ['app:config']],
  ['where', 'copy: {content: x, dest: "/etc/{{ port }}", mode: "0644"}', 'whole role'],
  ['whether', 'copy: {content: x, dest: /etc/x, mode: "0644"}\n  when: port', 'whole role'],
  ['how often', 'copy: {content: x, dest: /etc/x, mode: "0644"}\n  loop: "{{ port }}"', 'whole role'],
  ['a variable of its own', 'copy: {content: x, dest: "{{ y }}"}\n  vars: {y: "{{ port }}"}', 'whole role'],
])('a variable that decides %s, in a task', (_, action, tags) => {
  const more = without(tasks, (text) => `${text}- ${action}\n  tags: [app:config]\n`)
  expect(tagsOf({ ...more, 'roles/app/templates/app.conf': '' }, 'roles/app/defaults/main.yml#port')).toEqual(tags)
})

test('a variable in the defaults of a block’s modules is of the tasks in it', () => {
  const block = `
- module_defaults: {systemd: {mode: "{{ port }}"}}
  tags: [app:install, app:config, app:service]
  block:
    - systemd: {name: app, state: started}
`
  const found = tagsOf(
    { ...without(tasks, () => block), 'roles/app/templates/app.conf': '' },
    'group_vars/all.yml#base_port',
  )
  expect(found).toEqual(['app:config', 'app:install', 'app:service'])
})

test('what a template takes in is used by whoever uses the template', () => {
  const taken = {
    ...without('roles/app/templates/app.conf', () => "{% include 'part.conf' %}"),
    'roles/app/templates/part.conf': '{{ port }}',
  }
  expect(tagsOf(taken, 'roles/app/templates/part.conf')).toEqual(['app:config'])
})

test('the digest of YAML is of what it means', () => {
  const hash = (text: string) => {
    return ingredients(index({ ...app, 'group_vars/all.yml': text }), 'app')['group_vars/all.yml#base_port']?.hash
  }
  expect(hash('# new\nother: 1\nbase_port:    80 # said\n')).toBe(hash('base_port: 80\n'))
  for (const other of ['81', '"80"', '!unsafe 80', '[80]']) {
    expect(hash(`base_port: ${other}\n`)).not.toBe(hash('base_port: 80\n'))
  }
})

test('variables of a group or a host count for their hosts alone, unless hostvars is about', () => {
  const beside = { ...inventory, 'group_vars/clients.yml': 'port: 1\n', 'host_vars/b': 'port: 2\n' }
  const found = ingredients(index(app, beside), 'app')
  expect(found['group_vars/clients.yml#port']?.hosts).toEqual(['b', 'c'])
  expect(found['host_vars/b#port']?.hosts).toEqual(['b'])
  const wide = without('roles/app/templates/app.conf', () => '{{ hostvars[x].port }}')
  const all = ingredients(index(wide, beside), 'app')
  expect(all['host_vars/b#port']).not.toHaveProperty('hosts')
  expect(all['host_vars/b#port']).not.toHaveProperty('tags')
  expect(all['hosts.yml#address (host c)']).toBeDefined()
})

test('roles that a role depends on or takes in are part of it', () => {
  const more = {
    ...app,
    'roles/app/meta/main.yml': 'dependencies: [low]\n',
    'roles/low/tasks/main.yml': '- import_role: {name: lower}\n',
    'roles/lower/files/x': Buffer.from([0xff]),
    'roles/lower/tasks/main.yml': '- copy: {src: x, dest: /x, mode: "0644"}\n  when: base_port\n',
  }
  const names = Object.keys(ingredients(index(more), 'app'))
  expect(names).toContain('roles/low/tasks/main.yml')
  expect(names).toContain('roles/lower/files/x')
  expect(ingredients(index(more), 'app')['group_vars/all.yml#base_port']).not.toHaveProperty('tags')
})

test('shared is what no role owns; what people and editors leave counts for nothing', () => {
  const found = index({
    ...app,
    'playbook.yml': `- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: "{{ base_port }}"}}]\n`,
    'ansible.cfg': '',
    'library/x.py': '',
    'odd/thing': 'x',
    'README.md': '',
    'requirements.txt': '',
    'roles/app/templates/.app.conf.swp': '',
    'group_vars/all/main.yml': 'ansible_port: 2222\n',
  })
  expect(sharedNames(found)).toEqual([
    'hosts.yml',
    'ansible.cfg',
    'group_vars/all.yml#base_port',
    'group_vars/all/main.yml#ansible_port',
    'library/x.py',
    'odd/thing',
    'playbook.yml',
  ])
})

test.each([
  ['clients', ['b', 'c']],
  ['all:!a', ['b', 'c']],
  ['servers,c', ['a', 'c']],
  ['all:&clients:!c', ['b']],
  ['[a, c]', ['a', 'c']],
  ['serv*', ['a']],
  ['"{{ x }}"', ['a', 'b', 'c']],
  ['nobody', ['a', 'b', 'c']],
])('hosts: %s', (pattern, hosts) => {
  const playbook = { ...app, 'playbook.yml': playOf('app').replace('hosts: all', `hosts: ${pattern}`) }
  expect(index(playbook).roles[0]?.hosts).toEqual(hosts)
})

test("the repository's own roles", () => {
  const names = { lakitu: { role: 'server' }, spiney1: { role: 'client' } } as const
  const cluster = defineCluster({ name: 'x', hosts: names, components: { consul: { version: '1.8.7' } } })
  const binaries = (['consul', 'nomad'] as const).map((product) => ({
    product,
    version: '1.2.3',
    path: product,
    sha256: 'a'.repeat(64),
  }))
  const made = inventoryOf(cluster, { connections: {}, binaries: binaries as never, absolute: (path) => `/x/${path}` })
  const beside = new Map([
    ['hosts.json', Buffer.from(JSON.stringify(made.hosts))],
    ['group_vars/all.json', Buffer.from(JSON.stringify(made.all))],
  ])
  const found = indexOf({ playbook: ownPlaybook(), inventory: beside })
  expect(found.needsAll).toEqual([])
  expect(found.needsAllHosts).toEqual([])
  expect(found.roles.map(({ name, tag }) => `${name} ${tag}`)).toContain('nomad role:nomad')
  const consul = ingredients(found, 'consul')
  expect(consul['roles/consul/templates/consul.hcl']?.tags).toEqual(['consul:file:consul.hcl'])
  expect(consul['roles/consul/templates/consul.service']?.tags).toEqual(['consul:file:consul.service'])
  expect(consul['roles/consul/defaults/main.yml#consul_digest']?.tags).toEqual([
    'consul:file:consul.hcl',
    'consul:file:consul.service',
  ])
  expect(consul['group_vars/all.json#consul_version']?.tags).toBeUndefined()
  expect(consul['group_vars/all.json#datacenter']?.tags).toEqual(['consul:file:consul.hcl'])
  expect(ingredients(found, 'nomad')['group_vars/all.json#datacenter']?.tags).toEqual(['nomad:file:nomad.hcl'])
  expect(sharedNames(found)).toContain('group_vars/all.json#components')
})
