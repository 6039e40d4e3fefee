/**
 * A slow, obvious Ansible: what `ansible-playbook` with these tags and this limit does to hosts that are nothing but files. Written from Ansible's
 * rules, not from the index's; `against-ansible.ts` compares it with the real one.
 */
import { createHash } from 'node:crypto'
import { Play, type Step } from './compile.ts'
import { evaluate, isTrue, renderFile, resolve, type Scope, withLocal } from './jinja.ts'
import { hostsOf, parsed, type Tree } from './tree.ts'
import { record, type Task, texts } from './values.ts'
import { scopeOf } from './variables.ts'

/** Host → destination → content. */
export type World = Map<string, Map<string, string>>

export interface Wanted {
  readonly tags?: readonly string[]
  readonly limit?: readonly string[]
  /** Cut off after so many tasks on hosts. */
  readonly steps?: number
}

export class CutOff extends Error {}

/** Changes the world; answers how many tasks changed something. Throws where a task fails or the run is cut off: what is done stays done. */
export function run(tree: Tree, world: World, wanted: Wanted = {}): number {
  const state: Running = { tree, world, wanted, left: wanted.steps ?? Number.POSITIVE_INFINITY, changed: 0 }
  for (const raw of texts(parsed(tree, 'playbook/playbook.yml') ?? [], record)) {
    const play = new Play(tree, raw)
    const hosts = hostsOf(tree, String(raw['hosts'])).filter((host) => wanted.limit?.includes(host) ?? true)
    if (hosts.length > 0) new Playing(state, play, hosts).all()
  }
  return state.changed
}

interface Running {
  readonly tree: Tree
  readonly world: World
  readonly wanted: Wanted
  left: number
  changed: number
}

class Playing {
  private readonly state: Running
  private readonly play: Play
  private readonly hosts: readonly string[]
  /** Role and host: of which a task ran, and that came to their end so. */
  private readonly begun = new Set<string>()
  private readonly completed = new Set<string>()
  private readonly notified = new Map<Step, Set<string>>()

  constructor(state: Running, play: Play, hosts: readonly string[]) {
    this.state = state
    this.play = play
    this.hosts = hosts
  }

  all(): void {
    for (const section of this.play.sections) {
      this.steps(section, this.hosts)
      this.flush()
    }
  }

  /** Linear: a task on all hosts, then the next one. */
  private steps(steps: readonly Step[], hosts: readonly string[]): void {
    for (const step of steps) {
      if (step.completes !== undefined) this.complete(step.completes, hosts)
      else if (this.isSelected(step)) this.step(step, hosts)
    }
  }

  private complete(role: string, hosts: readonly string[]): void {
    for (const host of hosts) if (this.begun.has(`${role} ${host}`)) this.completed.add(`${role} ${host}`)
  }

  private isSelected({ tags }: Step): boolean {
    const { tags: wanted } = this.state.wanted
    if (tags.includes('always')) return true
    if (!wanted) return !tags.includes('never')
    return tags.some((tag) => wanted.includes(tag))
  }

  private step(step: Step, hosts: readonly string[]): void {
    const due = hosts.filter((host) => !step.role || !this.completed.has(`${step.role.identity} ${host}`))
    if (step.module === 'meta') this.flush()
    if (step.module === 'meta') return
    const ran = due.filter((host) => this.onHost(step, host))
    for (const host of ran) if (step.role) this.begun.add(`${step.role.identity} ${host}`)
    if (ran.length > 0 && step.module === 'include_tasks') this.steps(this.play.included(step), ran)
  }

  /** Whether it was not skipped. */
  private onHost(step: Step, host: string): boolean {
    const scope = this.scope(step, host)
    const items = step.task['loop'] === undefined ? [undefined] : resolve(step.task['loop'], scope)
    if (!Array.isArray(items)) throw new Error('a loop over no list')
    let [ran, changed] = [false, false]
    for (const item of items) {
      const local = item === undefined ? scope : withLocal(scope, 'item', item)
      if (!step.when.every((condition) => isTrue(evaluate(condition, local)))) continue
      ran = true
      if (this.state.left <= 0) throw new CutOff('cut off')
      changed = this.module(step, host, local) || changed
    }
    this.state.left -= 1
    if (changed) this.changed(step, host)
    return ran
  }

  private changed(step: Step, host: string): void {
    this.state.changed += 1
    for (const name of texts(step.task['notify'] ?? [], String)) {
      const handlers = this.play.handlersOf(name)
      if (handlers.length === 0) throw new Error(`no handler ${name}`)
      for (const handler of handlers) {
        this.notified.set(handler, (this.notified.get(handler) ?? new Set()).add(host))
      }
    }
  }

  /** In the order in which they are written; whatever the tags are. */
  private flush(): void {
    for (const handler of this.play.handlers) {
      const hosts = this.notified.get(handler)
      this.notified.delete(handler)
      for (const host of this.hosts) if (hosts?.has(host)) this.onHost(handler, host)
    }
  }

  /** Whether it changed something. */
  private module({ module, task }: Step, host: string, scope: Scope): boolean {
    if (module === 'include_tasks') return false
    const args = record(resolve(record(task[module]), scope))
    return this.write(host, String(args['dest']), this.content(module, args, { host, scope }))
  }

  private content(
    module: string,
    args: Task,
    { host, scope }: { readonly host: string; readonly scope: Scope },
  ): string {
    if (module === 'agent') {
      const files = this.state.world.get(host)
      return texts(args['sees'] ?? [], (path) => seen(String(path), files?.get(String(path)))).join('')
    }
    if (module === 'copy' && args['content'] !== undefined) return String(args['content'])
    const src = String(args['src'])
    return module === 'copy' ? scope.text('files', src) : renderFile(scope.text('templates', src), scope)
  }

  private write(host: string, dest: string, content: string): boolean {
    const files = this.state.world.get(host) ?? new Map<string, string>()
    this.state.world.set(host, files)
    if (files.get(dest) === content) return false
    files.set(dest, content)
    return true
  }

  private scope(step: Step, host: string): Scope {
    return scopeOf({ tree: this.state.tree, play: this.play, step, host })
  }
}

/** A line of what an agent writes. */
function seen(path: string, text: string | undefined): string {
  const digest = text === undefined ? 'nothing' : createHash('sha256').update(text).digest('hex')
  return `${path.split('/').at(-1)} ${digest}\n`
}
