import { isTemplated } from './jinja.ts'
import type { Unclear } from './model.ts'
import { inRole, isTaskPart, isUncounted, isVariablePart, isYaml, joined } from './places.ts'
import { entryOf } from './plays.ts'
import type { Reader } from './reader.ts'
import { argument, type FoundTask, includeOf, tasksIn } from './tasks.ts'
import { child, itemsOf, textsIn } from './tree.ts'

/** A role as its folder has it. */
export interface FoundRole {
  readonly name: string
  /** All that counts in its folder. */
  readonly files: readonly string[]
  /** Its own tasks and handlers, those of files that it takes in too. */
  readonly tasks: readonly FoundTask[]
  /** Roles that it depends on or takes in. */
  readonly others: readonly Named[]
  /** Why its sections cannot run alone: a dynamic include does not hand its tags on. */
  readonly spoiled: boolean
  /** Variables may come from any file in its `vars/`. */
  readonly anyVars: boolean
  /** Why only the whole playbook is safe. */
  readonly unclear: readonly Unclear[]
}

export interface Named {
  readonly name: string
  readonly file: string
  readonly line: number
}

export function readRole(reader: Reader, name: string): FoundRole {
  return new Walk(reader, name).read()
}

/** The file of a name as Ansible finds it: `main` → main.yml, main.yaml, main.json, main. */
function fileNamed(reader: Reader, path: string): string | undefined {
  return [path, `${path}.yml`, `${path}.yaml`, `${path}.json`].find((file) => reader.has('playbook', file))
}

class Walk {
  private readonly reader: Reader
  private readonly name: string
  private readonly tasks: FoundTask[] = []
  private readonly others: Named[] = []
  private readonly unclear: Unclear[] = []
  private readonly open: string[] = []
  private spoiled = false
  private anyVars = false

  constructor(reader: Reader, name: string) {
    this.reader = reader
    this.name = name
  }

  read(): FoundRole {
    const { name, tasks, others, unclear } = this
    for (const part of ['tasks', 'handlers']) {
      const file = fileNamed(this.reader, `roles/${name}/${part}/main`)
      if (file) this.file(file, new Set(), part === 'handlers')
    }
    const meta = fileNamed(this.reader, `roles/${name}/meta/main`)
    if (meta) this.dependencies(meta)
    const files = this.reader.paths('playbook').filter((path) => inRole(path)?.role === name && !isUncounted(path))
    // Files of tasks that nobody takes in by name may still be meant by a name that is made at run time.
    for (const file of files) if (this.isStray(file)) this.strays(file)
    for (const file of files) this.paths(file)
    return { name, files, tasks, others, spoiled: this.spoiled, anyVars: this.anyVars, unclear }
  }

  private readonly seen = new Set<string>()

  private isStray(file: string): boolean {
    const { part = '' } = inRole(file) ?? {}
    return isTaskPart(part) && part !== 'meta' && isYaml(file) && !this.seen.has(file)
  }

  private strays(file: string): void {
    this.seen.add(file)
    const found = tasksIn(this.reader.yaml('playbook', file), { file, tags: new Set(), handler: false })
    // Only tasks_from of another role, or a templated name, leads here: nothing is known of the tags.
    this.tasks.push(...found)
    for (const task of found) this.follow(task)
  }

  /** Files of other roles that are reached by a path. */
  private paths(file: string): void {
    const { part = '' } = inRole(file) ?? {}
    const isTasks = isTaskPart(part) && isYaml(file)
    if (!isTasks && part !== 'templates') return
    const code = isTasks ? [] : this.reader.code(file).map((text) => ({ text, line: 1 }))
    const texts = isTasks ? textsIn(this.reader.yaml('playbook', file)).map(({ scalar }) => scalar) : code
    for (const { text, line } of texts) {
      for (const [, name = ''] of text.matchAll(/(?:\.\.|\broles)\/([\w-]+|\{\{)/g)) {
        if (name === '{{') this.doubt({ file, line }, 'a path into another role is a template')
        else if (name !== this.name && this.isRole(name)) this.others.push({ name, file, line })
      }
    }
  }

  private isRole(name: string): boolean {
    return this.reader.paths('playbook').some((path) => path.startsWith(`roles/${name}/`))
  }

  private dependencies(file: string): void {
    for (const node of itemsOf(child(this.reader.yaml('playbook', file), 'dependencies'))) {
      this.role(entryOf(file, node).name, { file, line: node.line })
    }
  }

  private role(name: string | undefined, place: { readonly file: string; readonly line: number }): void {
    if (name === undefined) this.doubt(place, "a role's name is a template")
    else if (/[./]/.test(name)) this.doubt(place, 'a role out of a collection or another folder')
    else this.others.push({ name, ...place })
  }

  private doubt({ file, line }: { readonly file: string; readonly line: number }, what: string): void {
    this.unclear.push({ of: 'playbook', file, line, what })
  }

  /** Reads a file of tasks; `only`: what must select its tasks beside their own tags. */
  private file(file: string, tags: ReadonlySet<string>, handler: boolean, only?: ReadonlySet<string>): void {
    if (this.open.includes(file)) return
    this.seen.add(file)
    this.open.push(file)
    for (const found of tasksIn(this.reader.yaml('playbook', file), { file, tags, handler })) {
      const task = only ? { ...found, tags: found.tags.intersection(only) } : found
      this.tasks.push(task)
      this.follow(task)
    }
    this.open.pop()
  }

  private follow(task: FoundTask): void {
    for (const tag of task.tags) {
      if (tag === 'always' || tag === 'never') this.doubt(task, `a task has the tag ${tag}`)
      if (isTemplated(tag)) this.doubt(task, 'a tag is a template')
    }
    if (/^(add_host|group_by)$/.test(task.module)) this.doubt(task, 'hosts and groups are made while it runs')
    if (task.module === 'include_vars') this.variables(task)
    const include = includeOf(task)
    if (!include) return
    const applied = new Set(include.applied)
    const handsOn = include.isStatic || task.tags.symmetricDifference(applied).size === 0
    if (include.kind === 'role') {
      if (!handsOn) this.doubt(task, 'include_role without its tags in apply')
      this.role(include.name, task)
      return
    }
    if (!handsOn) this.spoiled = true
    if (include.name === undefined) {
      this.spoiled = true
      const written = argument(task, 'file') ?? ''
      if (written.includes('..')) this.doubt(task, 'the name of a file of tasks is a template, and leaves the role')
      return
    }
    this.into(task, include.name, include.isStatic ? undefined : applied)
  }

  private into(task: FoundTask, name: string, applied: ReadonlySet<string> | undefined): void {
    const here = task.file.split('/').slice(0, -1).join('/')
    const beside = [here, `roles/${this.name}/${task.handler ? 'handlers' : 'tasks'}`].map((from) => joined(from, name))
    const file = beside.find((path) => path !== undefined && this.reader.has('playbook', path))
    const role = file === undefined ? undefined : inRole(file)?.role
    if (file === undefined) this.doubt(task, `there is no ${name} to take in`)
    else if (role !== this.name) {
      if (role !== undefined) this.role(role, task)
      this.spoiled = true
    } else if (applied) this.file(file, applied, task.handler, task.tags)
    else this.file(file, task.tags, task.handler)
  }

  private variables(task: FoundTask): void {
    const free = (typeof task.args === 'object' && task.args.kind === 'scalar' ? task.args.text : '').trim()
    const name = argument(task, 'file') ?? argument(task, 'dir') ?? (free.includes('=') ? '' : free)
    if (argument(task, 'name') !== undefined) this.doubt(task, 'variables are taken in under a name')
    if (isTemplated(name)) {
      this.anyVars = true
      const outside = name.replace(/\{\{.*?\}\}/gs, '').includes('/') || /_dir\b/.test(name)
      if (outside) this.doubt(task, 'which variables are taken in is a template')
      return
    }
    const path = joined(`roles/${this.name}/vars`, name)
    const there = path !== undefined && this.reader.paths('playbook').some((one) => `${one}/`.startsWith(`${path}/`))
    if (!there || !isVariablePart(inRole(path)?.part ?? '')) this.doubt(task, 'variables from outside of vars/')
  }
}
