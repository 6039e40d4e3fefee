import { expect, test } from 'vitest'
import { type Applied, sharedIn, usedBy } from '../../../src/kits/ansible/plan/applied.ts'
import { scopeOf } from '../../../src/kits/ansible/plan/narrow.ts'
import { type Known, type Plan, planOf } from '../../../src/kits/ansible/plan/plan.ts'
import { planText, reasonLines } from '../../../src/kits/ansible/plan/words.ts'
import type { Index, Ingredient, PlayedRole } from '../../../src/kits/ansible/playbook/model.ts'

const folders = { playbook: 'ansible', inventory: '.cache/cluster/inventory' }
const hosts = ['lakitu', 'spiney1', 'spiney2']
const machines = { lakitu: 'm1', spiney1: 'm2', spiney2: 'm3' }

function file(path: string, rest: Partial<Ingredient> = {}): Ingredient {
  return { name: `playbook:${path}`, file: path, of: 'playbook', hash: 'old', ...rest }
}

function variable(path: string, name: string, rest: Partial<Ingredient> = {}): Ingredient {
  return { ...file(path, rest), name: `playbook:${path}#${name}`, variable: name }
}

function role(name: string, ingredients: readonly Ingredient[], on: readonly string[] = hosts): PlayedRole {
  return { name, tag: `role:${name}`, hosts: on, ingredients }
}

const template = 'roles/consul/templates/consul.hcl'
const consul = role('consul', [
  file(template, { tags: ['consul:config'] }),
  file('roles/consul/templates/consul.service', { tags: ['consul:service'] }),
  file('roles/consul/tasks/main.yml'),
  variable('group_vars/all.yml', 'datacenter', { tags: ['consul:config'] }),
  variable('host_vars/spiney2.yml', 'zone', { hosts: ['spiney2'], tags: ['consul:config'] }),
])
const cni = role('cni', [file('roles/cni/tasks/main.yml')], ['spiney1', 'spiney2'])
const base: Index = {
  hosts,
  roles: [consul, cni],
  shared: [file('playbook.yml')],
  needsAllHosts: [],
  needsAll: [],
}

/** The notes after a good apply of everything. */
function appliedAll(index: Index): Map<string, Applied> {
  return new Map(
    index.hosts.map((host) => {
      const own = index.roles.filter((one) => one.hosts.includes(host))
      const roles = Object.fromEntries(own.map((one) => [one.name, usedBy(one, host)]))
      const machine = Object.entries(machines).find(([name]) => name === host)?.[1] ?? ''
      return [host, { machine, shared: sharedIn(index, host), roles, owed: {} }]
    }),
  )
}

function edited(index: Index, ...names: readonly string[]): Index {
  const change = (one: Ingredient) => (names.some((name) => one.name.endsWith(name)) ? { ...one, hash: 'new' } : one)
  const roles = index.roles.map((one) => ({ ...one, ingredients: one.ingredients.map(change) }))
  return { ...index, roles, shared: index.shared.map(change) }
}

function planned(index: Index, rest: Partial<Known> = {}): Plan {
  return planOf({ index, applied: appliedAll(base), machines, ...rest })
}

/** As Ansible gets it. */
function argumentsOf(plan: Plan): readonly string[] {
  const { tags, limit } = scopeOf(plan)
  return [...(tags ? ['--tags', tags.join(',')] : []), ...(limit ? ['--limit', limit.join(',')] : [])]
}

function said(plan: Plan): readonly string[] {
  return [...reasonLines(plan, folders), planText(plan)]
}

test('after a good apply of everything there is nothing to do', () => {
  expect(planned(base)).toMatchObject({ kind: 'nothing', hosts: [], tags: [] })
})

test('an edited template runs its section of its role on every host of it, and says so', () => {
  const plan = planned(edited(base, template))
  expect(argumentsOf(plan)).toEqual(['--tags', 'consul:config'])
  expect(said(plan)).toEqual([
    'ansible/roles/consul/templates/consul.hcl → role consul, config, on lakitu spiney1 spiney2',
    'consul:config on lakitu, spiney1 and spiney2',
  ])
})

test('several edits run together, and where one is of the whole role, its sections go without saying', () => {
  const plan = planned(edited(base, template, 'consul.service', 'roles/cni/tasks/main.yml'))
  expect(argumentsOf(plan)).toEqual(['--tags', 'consul:config,consul:service,role:cni'])
  const whole = planned(edited(base, template, 'roles/consul/tasks/main.yml'))
  expect(argumentsOf(whole)).toEqual(['--tags', 'role:consul'])
})

test('a variable of one host runs on that host alone, unless hosts look at each other', () => {
  const index = edited(base, '#zone')
  const plan = planned(index)
  expect(argumentsOf(plan)).toEqual(['--tags', 'consul:config', '--limit', 'spiney2'])
  expect(said(plan)[0]).toBe('zone in ansible/host_vars/spiney2.yml → role consul, config, on spiney2')
  const unclear = { of: 'playbook', file: 'roles/consul/tasks/main.yml', line: 3, what: 'run_once' } as const
  expect(argumentsOf(planned({ ...index, needsAllHosts: [unclear] }))).toEqual(['--tags', 'consul:config'])
})

test('what counts for every role, and a file that is gone, run the whole playbook', () => {
  expect(said(planned(edited(base, 'playbook.yml')))).toEqual([
    'ansible/playbook.yml → the whole playbook, on lakitu spiney1 spiney2',
    'the whole playbook on lakitu, spiney1 and spiney2',
  ])
  const [first, ...left] = consul.ingredients
  const gone = planned({ ...base, roles: [{ ...consul, ingredients: left }, cni] })
  expect(first?.name).toMatch(template)
  expect(argumentsOf(gone)).toEqual([])
  expect(said(gone)[0]).toBe(`ansible/${template} is gone → the whole playbook, on lakitu spiney1 spiney2`)
})

test('a variable that is gone runs the roles that used it', () => {
  const left = consul.ingredients.filter(({ variable: name }) => name !== 'datacenter')
  const plan = planned({ ...base, roles: [{ ...consul, ingredients: left }, cni] })
  expect(argumentsOf(plan)).toEqual(['--tags', 'role:consul'])
})

test('a new file counts as the planner knows its use, a new role runs everything', () => {
  const more = {
    ...consul,
    ingredients: [...consul.ingredients, file('roles/consul/files/x', { tags: ['consul:config'] })],
  }
  expect(argumentsOf(planned({ ...base, roles: [more, cni] }))).toEqual(['--tags', 'consul:config'])
  const plan = planned({ ...base, roles: [consul, cni, role('vault', [file('roles/vault/tasks/main.yml')])] })
  expect(plan.kind).toBe('full')
})

test('where something is not understood, any change runs everything, but no change runs nothing', () => {
  const unclear = {
    of: 'playbook',
    file: 'roles/consul/tasks/main.yml',
    line: 7,
    what: "a role's name is a template",
  } as const
  const plan = planned({ ...edited(base, template), needsAll: [unclear] })
  expect(argumentsOf(plan)).toEqual([])
  expect(said(plan)).toContain(
    "a role's name is a template (roles/consul/tasks/main.yml:7) → the whole playbook, on lakitu spiney1 spiney2",
  )
  expect(planned({ ...base, needsAll: [unclear] }).kind).toBe('nothing')
})

test('a role without a tag of its own cannot run alone, and is no reason to run where nothing differs', () => {
  const untagged = { ...base, roles: [{ ...consul, tag: undefined }, cni] }
  expect(planned(untagged).kind).toBe('nothing')
  expect(planned(edited(untagged, template)).kind).toBe('full')
  expect(planned({ ...edited(base, template), roles: [{ ...consul, tag: undefined, ingredients: [] }] }).kind).toBe(
    'full',
  )
})

test('a machine that was made anew, or whose agents are not as they were left, gets everything, alone', () => {
  const anew = planned(base, { machines: { ...machines, spiney1: 'another' } })
  expect(argumentsOf(anew)).toEqual(['--limit', 'spiney1'])
  expect(said(anew)[0]).toBe('spiney1 was made anew → the whole playbook')
  const unlike = planned(base, { unlike: { spiney2: 'is not as it was left: nomad does not answer' } })
  expect(argumentsOf(unlike)).toEqual(['--limit', 'spiney2'])
})

test('what was begun and did not end is due though its sources are as before', () => {
  const applied = appliedAll(base)
  const one = applied.get('spiney1')
  if (one) applied.set('spiney1', { ...one, owed: { consul: 'was begun and did not end' } })
  const plan = planned(base, { applied })
  expect(argumentsOf(plan)).toEqual(['--tags', 'role:consul', '--limit', 'spiney1'])
  expect(said(plan)[0]).toBe('role consul was begun and did not end → role consul, on spiney1')
})

test('what a host is owed is merged with what was edited since', () => {
  const applied = appliedAll(base)
  const one = applied.get('spiney1')
  if (one) applied.set('spiney1', { ...one, owed: { cni: 'was due while the host was down' } })
  const plan = planned(edited(base, template), { applied })
  expect(argumentsOf(plan)).toEqual(['--tags', 'consul:config,role:cni'])
})

test('more than twenty changed files are not read one by one', () => {
  const many = Array.from({ length: 21 }, (_, i) => file(`roles/consul/templates/${i}`, { tags: ['consul:config'] }))
  const index = { ...base, roles: [{ ...consul, ingredients: many }] }
  const known = { applied: appliedAll(index), machines }
  const all = { ...index, roles: [{ ...consul, ingredients: many.map((one) => ({ ...one, hash: 'new' })) }] }
  expect(planOf({ index: all, ...known }).kind).toBe('full')
  const less = {
    ...index,
    roles: [{ ...consul, ingredients: many.map((one, i) => (i === 0 ? one : { ...one, hash: 'new' })) }],
  }
  expect(planOf({ index: less, ...known }).kind).toBe('part')
})

test('what was asked for, or changed beside the sources, runs everything everywhere', () => {
  expect(said(planned(base, { wholly: 'asked for' }))).toEqual([
    'asked for → the whole playbook, on lakitu spiney1 spiney2',
    'the whole playbook on lakitu, spiney1 and spiney2',
  ])
})
