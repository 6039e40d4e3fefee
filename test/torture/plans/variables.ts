import type { Play, Role, Step } from './compile.ts'
import { resolve, type Scope, Undefined } from './jinja.ts'
import { allHosts, groupsOf, inventoryVariables, type Tree } from './tree.ts'
import type { Task, Value } from './values.ts'

export interface Place {
  readonly tree: Tree
  readonly play: Play
  readonly step: Step
  readonly host: string
}

/** What a task on a host can reach, by Ansible's precedence; values are rendered only when somebody reads them. */
export function scopeOf(place: Place): Scope {
  const raw = layered(place)
  return scope(place, raw)
}

function scope(place: Place, raw: Readonly<Record<string, Value>>): Scope {
  const done = new Map<string, Value>()
  const self: Scope = {
    has: (name) => Object.hasOwn(raw, name),
    value: (name) => {
      const value = raw[name]
      if (value === undefined) throw new Undefined(`${name} is undefined on ${place.host}`)
      const before = done.get(name)
      const now = before === undefined ? resolve(value, self) : before
      done.set(name, now)
      return now
    },
    ofHost: (host, name) => {
      const other = { ...inventoryVariables(place.tree, host), ...magic(place.tree, host) }
      const there = scope({ ...place, host }, other)
      return there.has(name) ? there.value(name) : undefined
    },
    text: (folder, name) => textOf(place, folder, name),
  }
  return self
}

function layered({ tree, play, step, host }: Place): Readonly<Record<string, Value>> {
  const above = step.chain.slice(0, -1)
  const { role } = step
  const none: Task = {}
  return {
    ...merged(play.public.map(defaultsOf)),
    ...(role
      ? {
          ...merged(role.dependencies.map(defaultsOf)),
          ...merged(above.map(({ defaults }) => defaults)),
          ...role.defaults,
        }
      : none),
    ...inventoryVariables(tree, host),
    ...play.vars,
    ...merged(play.public.map(exportedOf)),
    ...(role
      ? {
          ...merged(above.map(({ given, vars }) => ({ ...given, ...vars }))),
          ...merged(role.dependencies.map(exportedOf)),
          ...role.vars,
          ...role.given,
        }
      : none),
    ...step.vars,
    ...magic(tree, host),
  }
}

function magic(tree: Tree, host: string): Readonly<Record<string, Value>> {
  const groups = Object.fromEntries(groupsOf(tree).map((group) => [group.name, group.hosts]))
  return { inventory_hostname: host, groups: { ...groups, all: allHosts(tree) } }
}

function defaultsOf(role: Role): Task {
  return { ...merged(role.dependencies.map(defaultsOf)), ...role.defaults }
}

function exportedOf(role: Role): Task {
  return { ...merged(role.dependencies.map(exportedOf)), ...role.vars }
}

function merged(layers: readonly Task[]): Task {
  return Object.assign({}, ...layers)
}

/** In the role, then in those by which it was reached, then beside the playbook. */
function textOf({ tree, step }: Place, folder: string, name: string): string {
  const places = [...step.chain.map((role) => `playbook/roles/${role.name}`).reverse(), 'playbook']
  for (const place of places) {
    const text = tree.get(`${place}/${folder}/${name}`) ?? tree.get(`${place}/${name}`)
    if (text !== undefined) return text
  }
  throw new Error(`no ${folder}/${name}`)
}
