import { parse } from 'yaml'
import { record, texts, type Value } from './values.ts'

/** Path → text. Below `playbook/` and `inventory/`. */
export type Tree = ReadonlyMap<string, string>

const known = new Map<string, Value>()

/** Undefined where there is no such file. */
export function parsed(tree: Tree, path: string): Value | undefined {
  const text = tree.get(path)
  if (text === undefined) return undefined
  const before = known.get(text)
  if (before !== undefined) return before
  if (known.size > 20_000) known.clear()
  const value = read(text)
  known.set(text, value)
  return value
}

/** Most files are JSON, which is YAML, too. */
export function read(text: string): Value {
  try {
    return JSON.parse(text)
  } catch {
    return parse(text) ?? {}
  }
}

interface Group {
  readonly name: string
  readonly hosts: readonly string[]
  readonly vars: Value
}

const groups = new WeakMap<Tree, readonly Group[]>()

/** Of one level, as the random inventories are; `all` is not among them. */
export function groupsOf(tree: Tree): readonly Group[] {
  const before = groups.get(tree)
  if (before) return before
  const all = record(record(parsed(tree, 'inventory/hosts.yml'))['all'])
  const found = Object.entries(record(all['children'])).map(([name, group]) => {
    const { hosts = {}, vars = {} } = record(group)
    return { name, hosts: Object.keys(record(hosts)), vars }
  })
  groups.set(tree, found)
  return found
}

export function allHosts(tree: Tree): readonly string[] {
  return [...new Set(groupsOf(tree).flatMap(({ hosts }) => hosts))]
}

/** Of a pattern like `all` or `servers`. */
export function hostsOf(tree: Tree, pattern: string): readonly string[] {
  if (pattern === 'all') return allHosts(tree)
  return groupsOf(tree).find(({ name }) => name === pattern)?.hosts ?? []
}

function mapping(tree: Tree, path: string): Readonly<Record<string, Value>> {
  return record(parsed(tree, path) ?? {})
}

const ofHosts = new WeakMap<Tree, Map<string, Readonly<Record<string, Value>>>>()

/** What the inventory and the files beside it and the playbook say of a host, the strongest last. */
export function inventoryVariables(tree: Tree, host: string): Readonly<Record<string, Value>> {
  const known = ofHosts.get(tree) ?? new Map<string, Readonly<Record<string, Value>>>()
  ofHosts.set(tree, known)
  const found = known.get(host) ?? layered(tree, host)
  known.set(host, found)
  return found
}

function layered(tree: Tree, host: string): Readonly<Record<string, Value>> {
  const all = record(record(parsed(tree, 'inventory/hosts.yml'))['all'])
  const own = groupsOf(tree)
    .filter(({ hosts }) => hosts.includes(host))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const inline = texts(Object.values(record(all['children'])), record).map(({ hosts = {} }) =>
    record(record(hosts)[host]),
  )
  const layers = [
    record(all['vars']),
    ...own.map(({ vars }) => record(vars)),
    mapping(tree, 'inventory/group_vars/all.yml'),
    mapping(tree, 'playbook/group_vars/all.yml'),
    ...own.map(({ name }) => mapping(tree, `inventory/group_vars/${name}.yml`)),
    ...own.map(({ name }) => mapping(tree, `playbook/group_vars/${name}.yml`)),
    ...inline,
    mapping(tree, `inventory/host_vars/${host}.yml`),
    mapping(tree, `playbook/host_vars/${host}.yml`),
  ]
  return Object.assign({}, ...layers)
}
