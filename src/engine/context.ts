import { resolve } from 'node:path'
import { asJson } from '../fingerprint/facts.ts'
import { differences } from '../fingerprint/leaves.ts'
import type { Node } from '../graph/graph.ts'
import type { Context, Previous, Progress, UnpackOptions } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { Facts } from '../model/facts.ts'
import type { History, RunRecord } from '../model/record.ts'
import type { TaskLog } from '../state/logs.ts'
import { deepFreeze } from '../util/canonical.ts'
import { treePath } from '../util/paths.ts'
import { begin, type Caller } from './begun.ts'
import { discoveredReasons } from './discovered.ts'
import type { Discovery } from './discovery.ts'
import { downloadsFor } from './downloads.ts'
import { execFor } from './exec.ts'
import type { FactsNow } from './facts.ts'
import { outputReasons } from './outputs.ts'
import type { Observation } from './probe.ts'
import type { Project } from './project.ts'
import { refuseInValue } from './secret-errors.ts'

/** One run of one task, while it lasts. */
export interface Attempt extends Caller {
  readonly project: Project
  readonly log: TaskLog
  readonly hurry: AbortSignal
  /** Whether it runs because somebody asked for that, in all its attempts. */
  readonly forced: boolean
  /** Whether it ends where something moves, for a watch to look at everything again. */
  readonly plansAnew: boolean
  /** Whether it said that it does only a part. */
  readonly partial: { yes: boolean }
  /** In the environment of all that it starts. */
  readonly mark: string
  /** Its facts; one for each time that it began. */
  readonly taken: Facts[]
  /** What it found out that it reads; one for each time that it began. */
  readonly discoveries: Discovery[]
}

/** What the task's function threw to end as left out. */
export class LeftOut extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

type Shared = 'exec' | 'secret' | 'note' | 'confirm' | 'log' | 'warn' | 'progress' | 'signal' | 'name' | 'root'

/** What `run` and `undo` have in common. */
export function sharedContext(attempt: Attempt, node: Node = attempt.node): Pick<Context, Shared> {
  const { project, log, signal, hurry, mark } = attempt
  const { ports, emit, graph, state, secrets } = project
  const task = attempt.node.name
  const tell = (stream: 'stdout' | 'stderr' | 'note', line: string) => {
    log.line(line)
    emit({ type: 'task-log', at: ports.clock.now(), task, stream, line })
  }
  const warn = (text: string) => {
    log.line(`warning: ${text}`)
    emit({ type: 'notice', at: ports.clock.now(), level: 'warning', text, task })
  }
  const exec = execFor({
    task: node.name,
    root: graph.root,
    ports,
    secrets,
    signal,
    hurry,
    mark,
    sweep: node.definition.kind === 'task' || node.definition.kind === 'service',
    onLine: (line, stream) => tell(stream, line),
    onWarning: warn,
  })
  return {
    name: node.name,
    root: graph.root,
    signal,
    exec: (...words) => begin(attempt, exec(...words)),
    secret: (handle) => secrets.open(handle),
    note: async (key, value) => {
      if (node.definition.kind !== 'effect') throw noNotes(node)
      const noted = asJson(node.name, `The note ${key}`, value)
      refuseInValue(secrets, node.name, 'A note', { [key]: noted })
      state.write('effect', { type: 'note', task: node.name, key, value: noted })
    },
    confirm: async (question) => (await ports.ask(secrets.mask(question), signal)) ?? true,
    log: (text) => text.split('\n').forEach((line) => void tell('note', line)),
    warn,
    progress: (progress) =>
      emit({ type: 'task-progress', at: ports.clock.now(), task, progress: asProgress(progress) }),
  }
}

function noNotes({ name, definition }: Node): LakituError {
  return new LakituError({
    code: 'E_NOTE',
    headline: `Task ${name} wants to note something, which only effects can`,
    facts: { declared: definition.site },
    next: 'Declare it with effect(…), or return what others need as its value.',
    family: 'usage',
  })
}

function asProgress(progress: Progress | string): Progress {
  return typeof progress === 'string' ? { text: progress } : progress
}

export interface RunData {
  readonly now: FactsNow
  readonly needs: Readonly<Record<string, unknown>>
  readonly history: History
  readonly observed: Observation | undefined
  readonly read: Context['read']
}

/** What `run` gets. */
export function contextFor(attempt: Attempt, data: RunData): Context {
  const { node } = attempt
  const shared = sharedContext(attempt)
  return {
    ...shared,
    needs: data.needs,
    inputs: data.now.values,
    read: data.read,
    previous: previousOf(attempt, data),
    forced: attempt.forced,
    ranPart: () => {
      attempt.partial.yes = true
    },
    observed: data.observed?.kind === 'gone' ? null : data.observed?.kind === 'value' ? data.observed.value : undefined,
    ...downloadsFor(attempt, shared),
    unpack: (archive, options) => begin(attempt, unpack(attempt, archive, options)),
    leaveOut: (reason) => {
      if (node.definition.mayBeLeftOut) throw new LeftOut(reason)
      throw new LakituError({
        code: 'E_MAY_NOT_BE_LEFT_OUT',
        headline: `Task ${node.name} wants to be left out, but does not say mayBeLeftOut: true`,
        facts: { reason, declared: node.definition.site },
        next: 'Declare the task with mayBeLeftOut: true, so that those who need it expect undefined; or let it fail.',
        family: 'usage',
      })
    },
  }
}

function previousOf({ project, node }: Attempt, { history, now }: RunData): Previous | undefined {
  const { last, success, notes } = history
  if (last === undefined || last === 'skipped') return undefined
  const since = success && mayBuildOn(project, node, last, success) ? success : undefined
  const reasons = since && [...differences(since.facts, now.facts), ...discoveredReasons(project, node, since)]
  const changes = reasons?.map(({ path, change }) => ({ path, change }))
  return {
    outcome: last === 'lost' ? 'crashed' : last,
    notes: deepFreeze(notes),
    ...(success ? { value: deepFreeze(success.value) } : {}),
    ...(changes ? { changes } : {}),
  }
}

/**
 * Whether what changed tells what is to be done. Not where the outputs are emptied, nor where they are not what the last success left: an
 * attempt since then may have put into them what was taken back, and what somebody changed in them is no fact.
 */
function mayBuildOn(project: Project, { definition }: Node, last: History['last'], success: RunRecord): boolean {
  if (definition.kind === 'effect') return true
  return definition.incremental && last === 'done' && outputReasons(project, success).length === 0
}

async function unpack(
  { project, signal }: Attempt,
  archive: string,
  options: UnpackOptions,
): Promise<readonly string[]> {
  const { root } = project.graph
  const { to, ...rest } = options
  const request = { archive: resolve(root, archive), to: resolve(root, to), ...rest, signal }
  const written = await project.ports.archives.unpack(request)
  return written.map((path) => treePath(root, path))
}
