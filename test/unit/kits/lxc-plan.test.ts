import { LakituError } from 'lakitu'
import { defineCluster, machinesOf } from 'lakitu/kits/cluster'
import {
  type Container,
  hostConfig,
  type LabState,
  type Owner,
  parseContainers,
  planLab,
  running,
} from 'lakitu/kits/lxc'
import { describe, expect, test } from 'vitest'

const spec = machinesOf(
  defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts: { a: { role: 'server' } }, components: {} }),
)
const [machine] = spec.hosts
if (!machine) throw new Error('no host')
const owner: Owner = { id: 'toy-1234', root: process.cwd() }
const neighbour: Owner = { id: 'toy-5678', root: '/' }
const gone: Owner = { id: 'toy-9abc', root: '/no/such/folder' }

const lines = (of: Owner) => hostConfig(spec, machine, of)
const made = (of: Owner | undefined, more: Partial<Container> = {}): Container => ({
  name: 'toy-a',
  partial: false,
  lines: of ? lines(of) : ['lxc.uts.name = a'],
  owner: of,
  address: '10.9.8.11',
  ...more,
})
const nothing: LabState = { containers: [], running: new Set(), known: new Set(), noted: new Set() }
const lab = (container: Container, more: Partial<LabState> = {}) => ({ ...nothing, containers: [container], ...more })
const runs = { running: new Set(['toy-a']) }
const known = { known: new Set(['a']) }

/** The names of the lists in which the one host is. */
function steps(state: LabState): string {
  const { heirOf: _, ...lists } = planLab(spec, owner, state)
  return Object.entries(lists)
    .filter(([, machines]) => machines.length > 0)
    .map(([step]) => step)
    .join(' ')
}

describe('planLab', () => {
  test.each([
    ['nothing is there', nothing, 'make'],
    ['Vagrant knows a container that is gone', { ...nothing, ...known }, 'make'],
    ['ours runs', lab(made(owner), { ...known, ...runs }), 'keep'],
    ['ours is stopped', lab(made(owner), known), 'start'],
    ['ours runs, and Vagrant does not know', lab(made(owner), runs), 'keep adopt'],
    ['ours is stopped, and Vagrant does not know', lab(made(owner)), 'start adopt'],
    ['ours is half made', lab(made(owner, { partial: true })), 'broken make'],
    [
      'a bare folder that we meant to make',
      lab(made(undefined, { lines: [] }), { noted: new Set(['a']) }),
      'broken make',
    ],
    [
      'ours says something else',
      lab(made(owner, { lines: lines(owner).slice(1) }), { ...known, ...runs }),
      'start rewrite',
    ],
    ['of a folder that is gone', lab(made(gone), { ...known, ...runs }), 'start adopt rewrite'],
  ])('%s', (_what, state, plan) => {
    expect(steps(state)).toBe(plan)
  })

  test.each([
    ["another project's", made(neighbour), 'The container toy-a belongs to the project toy-5678 in /'],
    ["another project's half made one", made(neighbour, { partial: true }), 'belongs to the project toy-5678'],
    ["somebody's", made(undefined), 'A container toy-a is there that lakitu did not make'],
    ['a bare folder that we did not note', made(undefined, { lines: [] }), 'that lakitu did not make'],
  ])('refuses %s', (_what, container, said) => {
    const refused = () => planLab(spec, owner, lab(container, { ...known, ...runs }))
    expect(refused).toThrow(said)
    expect(refused).toThrow(LakituError)
  })
})

test('containers are read with their marks', () => {
  const text = `[toy-a]\n${lines(owner).join('\n')}\n\n[half]\npartial\n\n[other]\nlxc.net.0.ipv4.address = 10.0.3.7/24\n\n`
  expect(parseContainers(text).map(({ lines: _, ...rest }) => rest)).toEqual([
    { name: 'toy-a', partial: false, owner, address: '10.9.8.11' },
    { name: 'half', partial: true, owner: undefined, address: undefined },
    { name: 'other', partial: false, owner: undefined, address: '10.0.3.7' },
  ])
  expect(parseContainers('')).toEqual([])
})

test('what runs is seen by its socket, by its whole name', () => {
  const table =
    'Num RefCount Protocol\n0: 2 0 10000 1 01 123 @/var/lib/lxc/toy-ab/command\n0: 2 0 10000 1 01 124 /run/x\n'
  expect([...running(['toy-a', 'toy-ab'], table)]).toEqual(['toy-ab'])
})
