import { parsed, type Tree } from './tree.ts'
import { record, type Task, texts, type Value } from './values.ts'

/** A role at one of its places in a play. */
export interface Role {
  readonly name: string
  /** Two places with the same identity are the same role: it runs once per host. */
  readonly identity: string
  readonly tags: readonly string[]
  readonly when: readonly string[]
  /** `vars:` of its entry. */
  readonly given: Task
  readonly defaults: Task
  readonly vars: Task
  readonly dependencies: readonly Role[]
}

/** What a task inherits. */
interface Frame {
  readonly tags: readonly string[]
  readonly when: readonly string[]
  readonly vars: Task
  /** By which roles it was reached, the own one last. */
  readonly chain: readonly Role[]
}

/** A task with all that it inherited, or the end of a role. */
export interface Step extends Frame {
  readonly task: Task
  readonly module: string
  readonly role: Role | undefined
  /** What a dynamic include gives on: without the include's own tags and conditions, except the conditions' effect on itself. */
  readonly outer: Frame
  readonly completes?: string
}

const modules = 'template copy agent meta include_tasks import_tasks import_role'.split(' ')
const nothing: Frame = { tags: [], when: [], vars: {}, chain: [] }

/** A play, made into steps as Ansible does before it runs anything. */
export class Play {
  readonly vars: Task
  /** Those whose variables the whole play sees. */
  readonly public: Role[] = []
  readonly handlers: Step[] = []
  /** Each is followed by the handlers. */
  readonly sections: readonly (readonly Step[])[]
  private readonly tree: Tree

  constructor(tree: Tree, raw: Task) {
    this.tree = tree
    this.vars = record(raw['vars'] ?? {})
    const frame = { ...nothing, tags: texts(raw['tags'] ?? [], String), when: conditions(raw) }
    const before = this.tasks(raw['pre_tasks'] ?? [], frame)
    const roles = texts(raw['roles'] ?? [], (entry) => {
      const role = this.roleOf(entry, 'entry')
      this.public.push(role)
      this.addHandlers(role, frame)
      return this.roleSteps(role, frame)
    }).flat()
    this.handlers.push(...this.tasks(raw['handlers'] ?? [], frame))
    this.sections = [
      before,
      [...roles, ...this.tasks(raw['tasks'] ?? [], frame)],
      this.tasks(raw['post_tasks'] ?? [], frame),
    ]
  }

  /** By name: the last one; by what they listen to: all. */
  handlersOf(name: string): readonly Step[] {
    const named = this.handlers.filter(({ task }) => task['name'] === name).slice(-1)
    return [...named, ...this.handlers.filter(({ task }) => texts(task['listen'] ?? [], String).includes(name))]
  }

  /** The steps that a dynamic include brings: they have not its tags, only those of `apply`. */
  included(step: Step): readonly Step[] {
    const args = argsOf(step)
    const apply = record(args['apply'])
    const frame = {
      ...step.outer,
      tags: [...step.outer.tags, ...texts(apply['tags'] ?? [], String)],
      when: [...step.outer.when, ...conditions(apply)],
      vars: step.vars,
    }
    return this.file(String(args['file']), frame)
  }

  private include(args: Task, step: Step, frame: Frame): readonly Step[] {
    const role = this.roleOf({ name: args['name'] ?? '', vars: record(step.task['vars'] ?? {}) }, 'imported')
    this.public.push(role)
    this.addHandlers(role, frame)
    return this.roleSteps(role, frame)
  }

  private roleOf(entry: Value, how: string, depth = 0): Role {
    if (depth > 6) throw new Error('roles depend on each other in a circle')
    const { role, name = role, vars = {}, ...rest } = typeof entry === 'string' ? { role: entry } : record(entry)
    const folder = `playbook/roles/${String(name)}`
    const file = (path: string) => record(parsed(this.tree, `${folder}/${path}/main.yml`) ?? {})
    if (parsed(this.tree, `${folder}/tasks/main.yml`) === undefined) throw new Error(`no role ${String(name)}`)
    return {
      name: String(name),
      identity: JSON.stringify([how, name, vars, rest]),
      tags: texts(rest['tags'] ?? [], String),
      when: conditions(rest),
      given: record(vars),
      defaults: file('defaults'),
      vars: file('vars'),
      dependencies: texts(file('meta')['dependencies'] ?? [], (one) => this.roleOf(one, 'entry', depth + 1)),
    }
  }

  private addHandlers(role: Role, frame: Frame): void {
    const own = within(frame, role)
    for (const dependency of role.dependencies) this.addHandlers(dependency, own)
    const raw = parsed(this.tree, `playbook/roles/${role.name}/handlers/main.yml`) ?? []
    // The last of a name is the one that is notified, whatever it listens to.
    for (const step of this.tasks(raw, own)) {
      const before = this.handlers.findIndex(
        (one) => one.role?.name === role.name && one.task['name'] === step.task['name'],
      )
      if (before !== -1) this.handlers.splice(before, 1)
      this.handlers.push(step)
    }
  }

  /** First what it depends on, with its tags and conditions. */
  private roleSteps(role: Role, frame: Frame): readonly Step[] {
    const own = within(frame, role)
    const first = role.dependencies.flatMap((one) => this.roleSteps(one, own))
    const end: Step = { ...own, task: {}, module: 'meta', role, outer: own, completes: role.identity }
    return [...first, ...this.file('main.yml', own), end]
  }

  /** A file of tasks: of the role, or beside the playbook. */
  private file(name: string, frame: Frame): readonly Step[] {
    const role = frame.chain.at(-1)
    const path = role ? `playbook/roles/${role.name}/tasks/${name}` : `playbook/${name}`
    const raw = parsed(this.tree, path)
    if (raw === undefined) throw new Error(`no file ${path}`)
    return this.tasks(raw, frame)
  }

  private tasks(raw: Value, frame: Frame): readonly Step[] {
    return texts(raw, record).flatMap((task) => this.task(task, frame))
  }

  private task(task: Task, frame: Frame): readonly Step[] {
    const own: Frame = {
      tags: [...frame.tags, ...texts(task['tags'] ?? [], String)],
      when: [...frame.when, ...conditions(task)],
      vars: { ...frame.vars, ...record(task['vars'] ?? {}) },
      chain: frame.chain,
    }
    if (task['block'] !== undefined) return this.tasks(task['block'], own)
    const module = modules.find((name) => name in task)
    if (module === undefined) return Object.keys(task).length === 0 ? [] : fail(`no module in ${JSON.stringify(task)}`)
    const step: Step = { ...own, task, module, role: frame.chain.at(-1), outer: frame }
    const args = argsOf(step)
    if (module === 'import_tasks') return this.file(String(args['file']), own)
    if (module === 'import_role') return this.include(args, step, own)
    return [step]
  }
}

function fail(message: string): never {
  throw new Error(message)
}

function within(frame: Frame, role: Role): Frame {
  if (frame.chain.some(({ name }) => name === role.name)) throw new Error(`${role.name} leads back to itself`)
  return {
    ...frame,
    tags: [...frame.tags, ...role.tags],
    when: [...role.when, ...frame.when],
    chain: [...frame.chain, role],
  }
}

/** `include_tasks: x.yml` is short for its `file`. */
function argsOf({ task, module }: Step): Task {
  const value = task[module] ?? {}
  return typeof value === 'string' ? { file: value } : record(value)
}

function conditions(task: Task): readonly string[] {
  return texts(task['when'] ?? [], String)
}
