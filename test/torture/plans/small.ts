import type { Plan } from '../../../src/kits/ansible/plan/plan.ts'
import type { Edited } from './edit.ts'
import { roleOf } from './more-edits.ts'
import { read, type Tree } from './tree.ts'
import { record, type Task, texts, type Value } from './values.ts'

/** Why the plan after this one edit of a settled tree is wider than anybody would expect; undefined where it is not, or nothing plain was edited. */
export function tooWide(kind: string, { tree, path, key }: Edited, plan: Plan): string | undefined {
  if (kind === 'comment' || kind === 'layout') return plan.kind === 'nothing' ? undefined : `only ${kind}`
  // What a play, the inventory or all roles use is everybody's.
  if (kind === 'template text') return ofTemplate(tree, path, plan)
  if (kind === 'default') return ofDefault(tree, path, key ?? '', plan)
  if (kind === 'host var') return ofHost(tree, path, plan)
  return undefined
}

/** Its only user says it by name: the section tag of that, or the file's own. */
function ofTemplate(tree: Tree, path: string, plan: Plan): string | undefined {
  const [role, name] = [roleOf(path), path.split('/').at(-1) ?? '']
  const tasks = plainTasks(tree, role)
  if (!tasks || !isOwnWithTag(tree, role)) return undefined
  const others = [...tree].filter(([at]) => at !== path && roleOf(at) === role).map(([, text]) => text)
  const users = tasks.filter((task) => record(task['template'])['src'] === name)
  if (users.length !== 1 || others.join('').split(name).length > 1 + mentions(tree, role, name)) return undefined
  const own = tagsOf(users[0] ?? {}).filter((tag) => isWholePart(tasks, tag))
  const files = own.filter((tag) => tag.includes(':file:'))
  const wanted = (files.length > 0 ? files : own).sort()
  return wanted.length === 0 || (plan.kind === 'part' && plan.tags.join() === wanted.join())
    ? undefined
    : `one user of ${name}, which is selected by ${wanted}`
}

/** In the file of tasks: as the source, in the name of what it writes, and in the tag of the file and what agents look at. */
function mentions(tree: Tree, role: string, name: string): number {
  return (tree.get(`playbook/roles/${role}/tasks/main.yml`) ?? '').split(name).length - 1
}

function tagsOf(task: Task): string[] {
  return texts(task['tags'] ?? [], String).filter((tag) => /:(install|config|service|file:.*)$/.test(tag))
}

/** Whatever has to follow carries the tag. */
function isWholePart(tasks: readonly Task[], tag: string): boolean {
  return tasks.every((task) => task['agent'] === undefined || texts(task['tags'] ?? [], String).includes(tag))
}

/** Of a role whose parts can run alone, and whose files have names that are written out. */
function plainTasks(tree: Tree, role: string): readonly Task[] | undefined {
  const tasks = texts(read(tree.get(`playbook/roles/${role}/tasks/main.yml`) ?? ''), record)
  const isOdd = (task: Task) =>
    'import_role' in task || 'include_tasks' in task || record(task['template'])['src'] === '{{ item }}'
  return tasks.some(isOdd) ? undefined : tasks
}

/** Only its own entries in plays lead to it, each with its tag. */
function isOwnWithTag(tree: Tree, role: string): boolean {
  const others = [...tree].filter(([path]) => roleOf(path) !== role && /\/(meta|tasks)\//.test(path))
  if (others.some(([, text]) => text.includes(role))) return false
  const plays = texts(read(tree.get('playbook/playbook.yml') ?? ''), record)
  const entries = plays.flatMap((play) => texts(play['roles'] ?? [], record)).filter((entry) => entry['role'] === role)
  return entries.length > 0 && entries.every((entry) => isTagged(entry['tags'] ?? [], role))
}

function isTagged(tags: Value, role: string): boolean {
  return texts(tags, String).includes(`role:${role}`)
}

/** One role says its name. */
function ofDefault(tree: Tree, path: string, key: string, plan: Plan): string | undefined {
  const role = roleOf(path)
  // What looks at other hosts may look at any variable.
  const elsewhere = [...tree].some(
    ([at, text]) => roleOf(at) !== role && (text.includes(key) || text.includes('hostvars')),
  )
  if (elsewhere || !isOwnWithTag(tree, role)) return undefined
  const isOwn = (tag: string) => tag === `role:${role}` || tag.startsWith(`${role}:`)
  return plan.kind !== 'full' && plan.tags.every(isOwn) ? undefined : `only ${role} uses ${key}`
}

/** Nobody looks at other hosts. */
function ofHost(tree: Tree, path: string, plan: Plan): string | undefined {
  const host = /host_vars\/(\w+)\.yml$/.exec(path)?.[1] ?? ''
  if ([...tree.values()].some((text) => text.includes('hostvars'))) return undefined
  return plan.hosts.every((one) => one === host) ? undefined : `nobody looks at ${host} from another host`
}
