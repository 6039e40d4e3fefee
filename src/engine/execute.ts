import { randomUUID } from 'node:crypto'
import { asJson } from '../fingerprint/facts.ts'
import type { Node } from '../graph/graph.ts'
import { type ErrorReport, LakituError, reportOf } from '../model/error.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type { Reason } from '../model/reason.ts'
import { noHistory } from '../model/record.ts'
import { logPath, TaskLog } from '../state/logs.ts'
import { sha256Json } from '../util/digest.ts'
import type { TreePath } from '../util/paths.ts'
import { intentOf, recordOf } from './commit.ts'
import { type Attempt, contextFor, LeftOut, type RunData } from './context.ts'
import { removeDepfile } from './depfile.ts'
import { discoveredBy } from './discovered.ts'
import { Discovery } from './discovery.ts'
import { StoppedError } from './exec-errors.ts'
import { factsNow, runsAlways } from './facts.ts'
import { emptyOutputs, madeNow, takeOutputs } from './outputs.ts'
import { observe, settle } from './probe.ts'
import type { Project } from './project.ts'
import { leftOut, needValues, type Settlement, type Settlements } from './settled.ts'
import { withinTime } from './time-limit.ts'
import { undoEffects } from './undo.ts'
import { lookAtNeeds, movedSince } from './world.ts'

export type Execution =
  | { readonly outcome: 'done'; readonly settlement: Settlement; readonly changed: boolean }
  | { readonly outcome: 'skipped'; readonly settlement: Settlement; readonly reason: string }
  | {
      readonly outcome: 'failed'
      readonly error: ErrorReport
      readonly logFile: string
      readonly tail: readonly string[]
      /** What it is known to have read. */
      readonly read: readonly TreePath[]
      /** With which it failed; undefined where it did not come so far. */
      readonly facts?: Facts | undefined
    }
  | { readonly outcome: 'stopped' }

export interface StopSignals {
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
  /** Aborted when it is to stop at once. */
  readonly hurry: AbortSignal
}

/** A run of a task, from its intent to its commit. Under the lock; rejects only where not even its log can be opened. */
export async function execute(
  project: Project,
  node: Node,
  reasons: readonly Reason[],
  settled: Settlements,
  stop: StopSignals,
): Promise<Execution> {
  const { signal } = stop
  const log = new TaskLog(project.ports.disk, logPath(project.state.cache, node.name))
  const attempt: Attempt = { project, node, log, ...stop, mark: randomUUID(), taken: [], discoveries: [] }
  try {
    return await attempts(attempt, reasons, settled)
  } catch (error) {
    if (signal.aborted || error instanceof StoppedError) return { outcome: 'stopped' }
    const report = reportOf(error)
    // The error shows its stack itself.
    const tail = log.tail()
    for (const line of report.stack?.split('\n') ?? []) log.line(line)
    if (!runsAlways(node)) writeEnd(attempt, 'failed')
    const read = attempt.discoveries.at(-1)?.salvage() ?? []
    return { outcome: 'failed', error: report, logFile: log.path, tail, read, facts: attempt.taken.at(-1) }
  } finally {
    log.close()
  }
}

/** A full disk must not hide the error that is on its way; the intent alone makes the task stale next time. */
function writeEnd({ project, node }: Attempt, outcome: 'failed' | 'skipped'): void {
  const at = project.ports.clock.now()
  try {
    project.state.write(node.definition.kind, { type: 'ended', task: node.name, outcome, at })
  } catch {
    return
  }
}

/** A path that changed while the task ran, and what else it read by itself. */
interface Moved {
  readonly moved: TreePath
  readonly found: readonly TreePath[]
}

/**
 * Attempts until one ends well: one more after an edit in the middle of a run, since what that made may hold half of it, and
 * as many after a failure as the task has retries.
 */
async function attempts(attempt: Attempt, reasons: readonly Reason[], settled: Settlements): Promise<Execution> {
  let because = reasons
  let moved: TreePath | undefined
  let expected: readonly TreePath[] = []
  let failures = 0
  for (let count = 1; ; count += 1) {
    emitStart(attempt, count, because)
    try {
      const ended = await withinTime(attempt, (limited) => once(limited, settled, expected))
      if (!('moved' in ended)) return ended
      if (moved !== undefined) throw movedAgain(attempt.node, ended.moved)
      moved = ended.moved
      expected = ended.found
      because = [{ kind: 'moved', path: moved }]
    } catch (error) {
      failures += 1
      if (failures > attempt.node.definition.retries || !mayPass(attempt, error)) throw error
      retryAfter(attempt, error)
      because = [{ kind: 'last-attempt', outcome: 'failed' }]
    }
  }
}

/** What the config got wrong, or what was moved during the run, another attempt does not mend; a stop is no failure. */
function mayPass({ signal }: Attempt, error: unknown): boolean {
  if (signal.aborted || error instanceof StoppedError) return false
  const { code, family } = reportOf(error)
  return family !== 'usage' && code !== 'E_INPUT_MOVED'
}

function retryAfter(attempt: Attempt, error: unknown): void {
  const { node, log } = attempt
  const { headline } = reportOf(error)
  log.line(`${headline}: trying again`)
  if (!runsAlways(node)) writeEnd(attempt, 'failed')
}

function emitStart({ project, node, log }: Attempt, attempt: number, reasons: readonly Reason[]): void {
  const { about } = node.definition
  const { emit, ports } = project
  const event = { at: ports.clock.now(), task: node.name, attempt, reasons, logFile: log.path }
  emit({ type: 'task-started', ...event, ...(about === undefined ? {} : { about }) })
}

async function once(attempt: Attempt, settled: Settlements, expected: readonly TreePath[]): Promise<Execution | Moved> {
  const { project, node, signal } = attempt
  const { kind, action } = node.definition
  const { state, stats, ports } = project
  const started = ports.clock.ticks()
  if (action.kind === 'undo') {
    await undoEffects(attempt)
    return done({ value: null, result: sha256Json(null), run: attempt.mark }, true)
  }
  stats.newStamp()
  const needs = needValues(node, settled)
  const now = await factsNow(project, node, settled, signal)
  attempt.taken.push(now.facts)
  const discovery = new Discovery(project, node, now.seen, settled)
  attempt.discoveries.push(discovery)
  const spoiled = lookAtNeeds(project, node, now.seen)
  if (spoiled !== undefined) throw notAsMade(project, node, spoiled)
  const history = runsAlways(node) ? noHistory : state.history(node.name, kind)
  const observed = kind === 'effect' ? await observe(project, node, { inputs: now.values, needs }, signal) : undefined
  if (!runsAlways(node)) state.write(kind, intentOf(attempt, now))
  emptyOutputs(project, node, history)
  removeDepfile(project, node)
  discovery.begin([...discoveredBy(history.success).map(([path]) => path), ...expected])
  let value: FactValue
  try {
    const read = (path: string) => discovery.read(path)
    value = await act(attempt, contextFor(attempt, { now, needs, history, observed, read }))
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
    if (!runsAlways(node)) writeEnd(attempt, 'skipped')
    return { outcome: 'skipped', reason: error.reason, settlement: { value: undefined, result: leftOut, run: leftOut } }
  }
  if (signal.aborted) return { outcome: 'stopped' }
  return conclude(attempt, { now, needs, history, started, discovery, value })
}

interface Acted extends Omit<RunData, 'observed' | 'read'> {
  /** When it began, in ticks. */
  readonly started: number
  readonly discovery: Discovery
  readonly value: FactValue
}

/** What is left to do when the action has ended well: everything must be there, and nothing may have moved. */
async function conclude(attempt: Attempt, acted: Acted): Promise<Execution | Moved> {
  const { project, node, signal } = attempt
  const { now, needs, history, discovery } = acted
  const { kind } = node.definition
  const { state, stats, ports, graph } = project
  stats.newStamp()
  const outputs = takeOutputs(project, node)
  const made = graph.hasDepfiles ? { made: madeNow(project, outputs) } : {}
  const found = discovery.end()
  const settled = () => settle(project, node, { inputs: now.values, needs }, signal)
  const value = kind === 'effect' ? await settled() : acted.value
  const moved = found.moved ?? movedSince(project, node, now.seen)
  if (moved !== undefined && !runsAlways(node)) return { moved, found: Object.keys(found.facts) as TreePath[] }
  const ms = ports.clock.ticks() - acted.started
  const record = recordOf(attempt, { facts: now.facts, discovered: found.facts, value, outputs, ms })
  if (!runsAlways(node)) state.write(kind, { type: 'done', task: node.name, record })
  return done({ value, result: record.result, run: record.run, ...made }, record.result !== history.success?.result)
}

function done(settlement: Settlement, changed: boolean): Execution {
  return { outcome: 'done', settlement, changed }
}

/** Does what the task says and answers its value. */
async function act({ node }: Attempt, context: ReturnType<typeof contextFor>): Promise<FactValue> {
  const { action, env, cwd } = node.definition
  if (action.kind === 'run') return asJson(node.name, 'The value', await action.run(context))
  const [program, ...args] = node.argv ?? []
  if (program !== undefined) await context.exec(program, args, { env, cwd })
  return null
}

function notAsMade({ graph }: Project, node: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_INPUT_MOVED',
    headline: `${path} is no longer as ${graph.makerOf(path)?.name ?? 'its task'} made it, so ${node.name} was not begun`,
    facts: { task: node.name, input: path },
    next: 'Run the same command again; let nothing but its task write to it.',
  })
}

function movedAgain(node: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_INPUT_MOVED',
    headline: `${path} changed while ${node.name} ran, twice`,
    facts: { task: node.name, input: path },
    next: 'Let nothing write to it during the run. If the task itself does, write to another path.',
  })
}
