import { isTemplated } from './jinja.ts'
import { tagsOf } from './plays.ts'
import { child, isNothing, isTable, itemsOf, type Node, pairsOf, textOf } from './tree.ts'

/** A task, with what it has from the blocks around it. */
export interface FoundTask {
  readonly file: string
  readonly line: number
  readonly node: Node
  /** `ansible.builtin.` left out: `copy`; empty where none is seen. */
  readonly module: string
  readonly args: Node | undefined
  /** Each of them selects it. */
  readonly tags: ReadonlySet<string>
  readonly handler: boolean
}

/** What a task may say beside its module; `with_…` too. */
const words = new Set(
  `action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode
  collections connection debugger delay delegate_facts delegate_to diff environment failed_when ignore_errors
  ignore_unreachable listen local_action loop loop_control module_defaults name no_log notify poll port register remote_user
  retries run_once tags throttle timeout until vars when block rescue always`.split(/\s+/),
)

export function moduleOf(node: Node): { readonly module: string; readonly args: Node | undefined } {
  const pairs = pairsOf(node)
  const old = child(node, 'action') ?? child(node, 'local_action')
  if (old) {
    const [name = ''] = (textOf(isTable(old) ? child(old, 'module') : old) ?? '').split(/\s/)
    return { module: plainName(name), args: old }
  }
  const [name = '', args] = pairs.find(([key]) => isModule(key)) ?? []
  return { module: plainName(name), args: child(node, 'args') ? node : args }
}

/** Whether a key of a task is its module. */
export function isModule(key: string): boolean {
  return !words.has(key) && !key.startsWith('with_')
}

function plainName(name: string): string {
  return name.replace(/^ansible\.(builtin|legacy)\./, '')
}

/** What a module is given, also in the old form `src=a dest=b`. */
export function argument(task: Pick<FoundTask, 'args'>, name: string): string | undefined {
  const written = textOf(child(task.args, name) ?? child(child(task.args, 'args'), name))
  if (written !== undefined) return written
  const [, , quoted, bare] =
    new RegExp(`(?:^|\\s)${name}=(?:(["'])(.*?)\\1|(\\S+))`).exec(textOf(task.args) ?? '') ?? []
  return quoted ?? bare
}

/** A task that takes in others, and whose name or file it says. */
export interface Include {
  readonly kind: 'tasks' | 'role'
  /** Children are known before the run, and inherit the tags. */
  readonly isStatic: boolean
  /** Undefined where it is made at run time. */
  readonly name: string | undefined
  /** Of a role: the file of its tasks. */
  readonly from: string | undefined
  /** What `apply` gives to the children. */
  readonly applied: readonly string[]
}

export function includeOf(task: Pick<FoundTask, 'module' | 'args'>): Include | undefined {
  const [, how, kind] = /^(import|include)_(tasks|role)$/.exec(task.module) ?? []
  if (how === undefined) return undefined
  const free = textOf(task.args)?.trim()
  const plain = free === undefined || /(^|\s)(file|name|apply)=/.test(free) ? undefined : free
  const name = plain ?? argument(task, kind === 'tasks' ? 'file' : 'name') ?? argument(task, 'role')
  const applied = child(task.args, 'apply') ?? child(child(task.args, 'args'), 'apply')
  return {
    kind: kind === 'tasks' ? 'tasks' : 'role',
    isStatic: how === 'import',
    name: name === undefined || isTemplated(name) ? undefined : name,
    from: argument(task, 'tasks_from'),
    applied: tagsOf(applied),
  }
}

interface Around {
  readonly file: string
  readonly tags: ReadonlySet<string>
  readonly handler: boolean
}

/** Tasks in a list of tasks and blocks. */
export function tasksIn(list: Node | undefined, around: Around): readonly FoundTask[] {
  return itemsOf(list).flatMap((node) => {
    if (!isTable(node)) return []
    const tags = new Set([...around.tags, ...tagsOf(node)])
    const inner = ['block', 'rescue', 'always'].flatMap((key) => {
      const part = child(node, key)
      return part && !isNothing(part) ? tasksIn(part, { ...around, tags }) : []
    })
    if (child(node, 'block')) return inner
    return [{ ...moduleOf(node), file: around.file, line: node.line, node, tags, handler: around.handler }]
  })
}
