import { nearest } from 'lakitu'
import { isTemplated } from './jinja.ts'
import type { Unclear } from './model.ts'
import { groupOrHost, inRole, isPlugin, isUncounted, isYaml } from './places.ts'
import type { Entry, Play } from './plays.ts'
import type { Reader } from './reader.ts'
import { type FoundRole, type Named, readRole } from './role.ts'
import { type FoundTask, includeOf, tasksIn } from './tasks.ts'
import { child, isList, type Node } from './tree.ts'

/** A role that an entry of a play names. */
export interface Played {
  readonly name: string
  readonly tag: string | undefined
  readonly hosts: ReadonlySet<string>
}

export interface Roles {
  /** In the order in which they run. */
  readonly played: readonly Played[]
  /** With all that these take in, and what tasks of plays do. */
  readonly byName: ReadonlyMap<string, FoundRole>
  /** Taken in by the tasks of plays. */
  readonly ofPlays: readonly string[]
  readonly playTasks: readonly FoundTask[]
  readonly entries: readonly Entry[]
  readonly unclear: readonly Unclear[]
}

/** The roles that plays run, and all that these take in. A role that is not there is a fault. */
export function readRoles(
  reader: Reader,
  plays: readonly Play[],
  hostsOf: (pattern: Node | undefined) => readonly string[],
): Roles {
  const unclear: Unclear[] = []
  const played = new Map<string, { tag: string | undefined; hosts: Set<string> }>()
  const wanted: Named[] = []
  const entries = plays.flatMap(({ roles }) => roles)
  for (const { node, roles } of plays) {
    const hosts = hostsOf(child(node, 'hosts'))
    for (const { name, tags, file, line } of roles) {
      for (const tag of tags)
        if (isOdd(tag)) unclear.push({ of: 'playbook', file, line, what: 'a tag that does not only name' })
      if (!isPlain(name)) {
        unclear.push({ of: 'playbook', file, line, what: oddName(name) })
        continue
      }
      wanted.push({ name, file, line })
      const tag = tags.includes(`role:${name}`) ? `role:${name}` : undefined
      const before = played.get(name)
      const together = new Set([...(before?.hosts ?? []), ...hosts])
      played.set(name, { tag: before && before.tag !== tag ? undefined : tag, hosts: together })
    }
  }
  const own = ofPlays(reader, plays)
  const byName = found(reader, [...wanted, ...own.roles])
  const all = [...played].flatMap(([name, rest]) => (byName.has(name) ? [{ name, ...rest }] : []))
  return {
    played: all,
    byName,
    ofPlays: own.roles.map(({ name }) => name),
    playTasks: own.tasks,
    entries,
    unclear: [...unclear, ...own.unclear],
  }
}

function isOdd(tag: string): boolean {
  return tag === 'always' || tag === 'never' || isTemplated(tag)
}

function isPlain(name: string | undefined): name is string {
  return name !== undefined && !/[./]/.test(name)
}

function oddName(name: string | undefined): string {
  return name === undefined ? "a role's name is a template" : 'a role out of a collection or another folder'
}

/** The tasks of plays themselves, and the roles that these take in. */
function ofPlays(reader: Reader, plays: readonly Play[]) {
  const unclear: Unclear[] = []
  const written = plays.flatMap(({ file, tasks: nodes }) => nodes.map((node) => ({ file, node })))
  const tasks = [...written, ...besidePlays(reader, plays)].flatMap(({ file, node }) => {
    return tasksIn(node, { file, tags: new Set(), handler: false })
  })
  const roles = tasks.flatMap((task): readonly Named[] => {
    const include = includeOf(task)
    if (include?.kind !== 'role') return []
    if (isPlain(include.name)) return [{ name: include.name, file: task.file, line: task.line }]
    unclear.push({ of: 'playbook', file: task.file, line: task.line, what: oddName(include.name) })
    return []
  })
  return { tasks, roles, unclear }
}

/** Lists in files beside the playbooks: tasks that these, or roles, may take in. */
function besidePlays(reader: Reader, plays: readonly Play[]) {
  const known = new Set(plays.map(({ file }) => file))
  return reader.paths('playbook').flatMap((file) => {
    const [top = ''] = file.split('/')
    const isOther = inRole(file) || known.has(file) || groupOrHost(file) || isUncounted(file) || !isYaml(file)
    if (isOther || isPlugin(top) || /^(files|templates|collections|roles)$/.test(top)) return []
    const node = reader.yaml('playbook', file)
    return isList(node) ? [{ file, node }] : []
  })
}

function found(reader: Reader, wanted: readonly Named[]): ReadonlyMap<string, FoundRole> {
  const there = new Set(reader.paths('playbook').flatMap((path) => inRole(path)?.role ?? []))
  const byName = new Map<string, FoundRole>()
  const missing = new Set<string>()
  const open = [...wanted]
  for (let next = open.shift(); next; next = open.shift()) {
    const { name, file, line } = next
    if (byName.has(name) || missing.has(name)) continue
    if (there.has(name)) {
      const role = readRole(reader, name)
      byName.set(name, role)
      open.push(...role.others)
      continue
    }
    missing.add(name)
    const meant = nearest(name, there)
    const hint = meant === undefined ? {} : { next: `Did you mean ${meant}?` }
    reader.fault({ code: 'E_NO_ROLE', of: 'playbook', file, line, text: `There is no role ${name}`, ...hint })
  }
  return byName
}

/** The role and all that it takes in, also by what it takes in. */
export function withOthers(byName: ReadonlyMap<string, FoundRole>, names: Iterable<string>): readonly FoundRole[] {
  const all = new Set<FoundRole>()
  const open = [...names]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const role = byName.get(name)
    if (!role || all.has(role)) continue
    all.add(role)
    open.push(...role.others.map((other) => other.name))
  }
  return [...all]
}
