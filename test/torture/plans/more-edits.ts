import type { Random } from '../../support/random.ts'
import { type Edit, some, withFile } from './edit.ts'
import { dest, roleNames, yamlLike, yamlText } from './generate.ts'
import { allHosts, read, type Tree } from './tree.ts'
import { record, type Task, texts, type Value } from './values.ts'

const taskFiles = /roles\/\w+\/tasks\//

function listed(value: Value | undefined): readonly Value[] {
  return texts(value ?? [], (one) => one)
}

export function roleOf(path: string): string {
  return /roles\/(\w+)\//.exec(path)?.[1] ?? ''
}

/** Changes the list that a file is. */
function list(
  pattern: RegExp,
  change: (items: readonly Value[], random: Random, role: string) => readonly Value[],
): Edit {
  return (tree, random) => {
    const path = some(tree, random, pattern)
    if (path === undefined) return undefined
    const text = tree.get(path) ?? ''
    const next = change(listed(read(text)), random, roleOf(path))
    return { tree: withFile(tree, path, yamlLike(text, next)), path }
  }
}

function created(path: (tree: Tree, random: Random) => string, make: (random: Random) => Task): Edit {
  return (tree, random) => {
    const at = path(tree, random)
    return { tree: withFile(tree, at, yamlText(make(random), random)), path: at }
  }
}

function editTask(all: readonly Value[], random: Random): readonly Value[] {
  const at = random.int(Math.max(1, all.length))
  const task = record(all[at])
  const { copy, tags, when, notify } = task
  const content = record(copy)['content']
  if (content !== undefined && random.chance(0.5)) {
    return all.with(at, { ...task, copy: { ...record(copy), content: `${String(content)} edited{{ level }}` } })
  }
  if (when !== undefined && random.chance(0.5)) return all.with(at, without(task, 'when'))
  if (notify !== undefined && random.chance(0.5)) return all.with(at, without(task, 'notify'))
  if (tags !== undefined && random.chance(0.5)) return all.with(at, { ...task, tags: [...listed(tags), 'late'] })
  return all.filter((_, i) => i !== at)
}

function without(task: Task, key: string): Task {
  return Object.fromEntries(Object.entries(task).filter(([name]) => name !== key))
}

/** Edits of what there is, not of what it says. */
export const moreEdits: Readonly<Record<string, Edit>> = {
  task: list(taskFiles, editTask),
  'new task': list(taskFiles, (all, random, role) => {
    const content = `{{ ${random.pick(['level', 'both', 'kind'])} }} .`
    return [{ copy: { content, dest: dest(`${role}-new${random.int(999)}`) }, tags: [`${role}:config`] }, ...all]
  }),
  handler: list(/handlers\/main\.yml$/, (all, random) =>
    all.map((one) => ({
      ...record(one),
      copy: { ...record(record(one)['copy']), content: `{{ level }} ${random.int(99)}` },
    })),
  ),
  playbook: list(/playbook\/playbook\.yml$/, (all, random) =>
    all.map((one) => ({ ...record(one), vars: { extra: `of the play ${random.int(99)}` } })),
  ),
  'new host_vars': created(
    (tree, random) => `${random.pick(['playbook', 'inventory'])}/host_vars/${random.pick(allHosts(tree))}.yml`,
    (random) => ({ rack: `n${random.int(99)}`, both: 'own' }),
  ),
  'new group_vars': created(
    (_, random) => `playbook/group_vars/${random.pick(['servers', 'clients'])}.yml`,
    (random) => ({ zone: `n${random.int(99)}`, both: 'of the group' }),
  ),
  'new role vars': (tree, random) => {
    const role = roleOf(some(tree, random, /tasks\/main\.yml$/) ?? '')
    const path = `playbook/roles/${role}/vars/main.yml`
    return { tree: withFile(tree, path, yamlText({ [`${role}_fixed`]: `new${random.int(99)}` }, random)), path }
  },
  'new template': (tree, random) => {
    const path = some(tree, random, taskFiles)
    if (path === undefined) return undefined
    const [role, name] = [roleOf(path), `t${random.int(999)}`]
    const task = { template: { src: name, dest: dest(`${role}-${name}`) }, notify: `restart ${role}` }
    const text = tree.get(path) ?? ''
    const next = withFile(tree, path, yamlLike(text, [task, ...listed(read(text))]))
    const template = `playbook/roles/${role}/templates/${name}`
    return { tree: withFile(next, template, '{{ level }} and {{ kind }}\n'), path: template }
  },
  dependency: (tree, random) => {
    const [role, other] = [random.pick(roleNames), random.pick(roleNames)]
    if (role <= other || !tree.has(`playbook/roles/${role}/tasks/main.yml`)) return undefined
    const path = `playbook/roles/${role}/meta/main.yml`
    const dependencies = random.chance(0.2) ? [] : [{ role: other }]
    return { tree: withFile(tree, path, yamlText({ dependencies }, random)), path }
  },
  deletion: (tree, random) => {
    const path = some(tree, random, /host_vars|group_vars\/(servers|clients)|(vars|meta)\/main\.yml$|beside/)
    return path === undefined ? undefined : { tree: withFile(tree, path, undefined), path }
  },
  rename: (tree, random) => {
    const path = some(tree, random, /templates\/(main\.conf|unit|deep|t\d+)$/)
    if (path === undefined) return undefined
    const name = path.split('/').at(-1) ?? ''
    const moved = [...tree].map(([at, old]): [string, string] =>
      roleOf(at) === roleOf(path) && taskFiles.test(at) ? [at, old.replaceAll(name, `${name}x`)] : [at, old],
    )
    return { tree: withFile(withFile(new Map(moved), path, undefined), `${path}x`, tree.get(path)), path }
  },
  'new role': (tree, random) => {
    const name = `role${random.int(99)}`
    const text = tree.get('playbook/playbook.yml') ?? ''
    const [first, ...rest] = listed(read(text))
    const roles = [...listed(record(first)['roles']), { role: name, tags: [`role:${name}`] }]
    const next = withFile(tree, 'playbook/playbook.yml', yamlLike(text, [{ ...record(first), roles }, ...rest]))
    const task = { copy: { content: '{{ both }} .', dest: dest(name) }, tags: [`${name}:config`] }
    const path = `playbook/roles/${name}/tasks/main.yml`
    return { tree: withFile(next, path, yamlText([task], random)), path }
  },
  'shadowing file': (tree, random) => {
    const path = some(tree, random, /templates\/(part\.inc|unit|main\.conf)$/)
    if (path === undefined) return undefined
    const shadow = `playbook/templates/${path.split('/').at(-1)}`
    return { tree: withFile(tree, shadow, 'beside the playbook\n'), path: shadow }
  },
}
