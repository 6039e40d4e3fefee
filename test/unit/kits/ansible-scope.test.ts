import type { Change, Previous } from 'lakitu'
import { expect, test } from 'vitest'
import { scopeOf, tagArguments } from '../../../src/kits/ansible/scope.ts'

const file = (path: string, change: Change['change'] = 'changed'): Change => ({
  path: ['inputs', 'ansible', path],
  change,
})
const since = (...changes: Change[]): Previous => ({ outcome: 'done', notes: {}, changes })
const tags = (previous: Previous | undefined) => tagArguments(scopeOf(previous)).join(' ')

test('one role for files of one role', () => {
  const scope = scopeOf(since(file('ansible/roles/consul/templates/consul.hcl')))
  expect(scope).toEqual({ kind: 'roles', roles: ['consul'], because: 'only files of consul changed' })
  expect(tagArguments(scope)).toEqual(['--tags', 'role:consul'])
})

test('several roles, each once, in order', () => {
  const files = ['nomad/tasks/main.yml', 'consul/templates/a.hcl', 'consul/defaults/main.yml']
  expect(tags(since(...files.map((name) => file(`ansible/roles/${name}`))))).toBe('--tags role:consul,role:nomad')
})

test('a new or removed file of a role is a change of that role', () => {
  expect(tags(since(file('ansible/roles/nomad/templates/new.hcl', 'added')))).toBe('--tags role:nomad')
  expect(tags(since(file('ansible/roles/nomad/templates/old.hcl', 'removed')))).toBe('--tags role:nomad')
})

test.each([
  ['the playbook', file('ansible/playbook.yml')],
  ['a module', file('ansible/library/agent.py')],
  ['the folder of roles itself', file('ansible/roles')],
  ['a file that lies beside the roles', file('ansible/roles/README.md')],
  ['another folder of the same ending', file('other/ansible/roles/consul/tasks/main.yml')],
  ['a need', { path: ['needs', 'vmUp'], change: 'changed' } as const],
  ['code', { path: ['code', 'inputs', 'ansible/roles/consul/x.ts'], change: 'changed' } as const],
  [
    'a value that happens to look like a path',
    { path: ['inputs', 'ansible/roles/consul/x'], change: 'changed' } as const,
  ],
])('everything for %s, also beside a role', (_, change) => {
  expect(tags(since(change))).toBe('')
  expect(tags(since(file('ansible/roles/consul/tasks/main.yml'), change))).toBe('')
})

test('everything where no change tells what is on the hosts', () => {
  const role = [file('ansible/roles/consul/tasks/main.yml')]
  expect(scopeOf(undefined)).toEqual({ kind: 'full', because: 'it was never applied' })
  expect(scopeOf({ outcome: 'failed', notes: {} }).because).toBe('it was never applied')
  expect(scopeOf({ outcome: 'failed', notes: {}, changes: role }).because).toBe('the last attempt did not succeed')
  expect(scopeOf({ outcome: 'crashed', notes: {}, changes: role }).kind).toBe('full')
  expect(scopeOf(since()).because).toBe('no source changed, so the hosts did')
  expect(scopeOf(since(file('ansible/ansible.cfg'))).because).toBe('ansible/ansible.cfg changed')
})
