import { expect, test } from 'vitest'
import { LakituError } from '../../../src/model/error.ts'
import { index, playOf } from '../../support/playbook.ts'

const role = (tasks: string, play = playOf('app')) => ({ 'playbook.yml': play, 'roles/app/tasks/main.yml': tasks })
const told = (all: readonly { readonly file: string; readonly line: number }[]) =>
  all.map(({ file, line }) => `${file}:${line}`)

test.each([
  '- {debug: , run_once: true}',
  '- {debug: , delegate_to: localhost}',
  '- debug: {msg: "{{ ansible_play_hosts }}"}',
  '- {command: x, register: y}\n- debug: {msg: "{{ hostvars.a.y }}"}',
])('all hosts for %s', (tasks) => {
  expect(index(role(tasks)).needsAllHosts).not.toEqual([])
  expect(index(role(tasks)).needsAll).toEqual([])
})

test('facts need all hosts only where they are gathered', () => {
  const tasks = '- debug: {msg: "{{ ansible_eth0 }} {{ ansible_check_mode }}"}'
  expect(index(role(tasks)).needsAllHosts).toEqual([])
  const gathers = index(role(tasks, playOf('app').replace('  gather_facts: false\n', '')))
  expect(told(gathers.needsAllHosts)).toEqual(['roles/app/tasks/main.yml:1'])
})

test.each([
  '- include_role: {name: other}\n  tags: [x]',
  '- import_role: {name: "{{ x }}"}',
  '- {debug: , tags: always}',
  '- group_by: {key: x}',
  '- include_vars: "{{ playbook_dir }}/x.yml"',
  '- import_tasks: gone.yml',
])('everything for %s', (tasks) => {
  const found = index({ ...role(`\n${tasks}`), 'roles/other/tasks/main.yml': '' })
  expect(told(found.needsAll)).toContain('roles/app/tasks/main.yml:2')
})

test('everything where a role uses what another one found out', () => {
  const two = {
    ...role('- {command: x, register: y}', playOf('app', 'b')),
    'roles/b/tasks/main.yml': '- debug: {var: y}',
  }
  expect(told(index(two).needsAll)).toEqual(['roles/b/tasks/main.yml:1'])
})

const errorOf = (playbook: Readonly<Record<string, string | Buffer>>) => {
  try {
    index(playbook)
  } catch (error) {
    if (error instanceof LakituError)
      return { code: error.code, family: error.family, where: error.facts['where'], next: error.next }
  }
  return undefined
}

test.each<[string, Readonly<Record<string, string | Buffer>>, string]>([
  ['E_YAML', role('- a: [1\n- b: 2\n'), 'ansible/roles/app/tasks/main.yml:2:1'],
  ['E_JINJA', role('- debug:\n    msg: "{{ x"\n'), 'ansible/roles/app/tasks/main.yml:2'],
  ['E_JINJA', { ...role('[]'), 'roles/app/templates/x': 'a\n{% if x\n' }, 'ansible/roles/app/templates/x:2'],
  [
    'E_NOT_UTF8',
    { ...role('[]'), 'roles/app/templates/x': Buffer.from('a\n\xff', 'latin1') },
    'ansible/roles/app/templates/x:2',
  ],
  ['E_NO_ROLE', role('[]', playOf('ap')), 'ansible/playbook.yml:4'],
  ['E_NO_PLAYBOOK', { 'site.yml': '[]' }, 'ansible/playbook.yml:1'],
])('%s with its place', (code, playbook, where) => {
  expect(errorOf(playbook)).toMatchObject({ code, family: 'usage', where })
})

test('a role that is nearly there is named', () => {
  expect(errorOf(role('[]', playOf('ap')))?.next).toBe('Did you mean app?')
})

test('marks within strings and brackets close nothing', () => {
  const text = "{{ '{{' }} x {{ '}}' }} {{ {'a': {'b': 1}} }} {% raw %}{{ {% endraw %} {# {{ #}"
  expect(errorOf({ ...role('[]'), 'roles/app/templates/x': text })).toBeUndefined()
})
