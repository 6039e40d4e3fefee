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
import { DoesNotEndError, endingAll } from './begun.ts'
import { intentOf, recordOf } from './commit.ts'
import { type Attempt, contextFor, LeftOut, type RunData } from './context.ts'
import { removeDepfile } from './depfile.ts'
import { discoveredBy } from './discovered.ts'
import { Discovery, type Found } from './discovery.ts'
import { StoppedError } from './exec-errors.ts'
import { factsAfter, factsForRun, keepsRecord } from './facts.ts'
import { type ForeignBefore, foreignNow, lookAtForeign } from './foreign.ts'
import { emptyOutputs, madeNow, takeOutputs } from './outputs.ts'
import { observe, settle } from './probe.ts'
import type { Project } from './project.ts'
import { restore } from './restore.ts'
import { refuseInValue } from './secret-errors.ts'
import { leftOut, needValues, type Settlement, type Settlements } from './settled.ts'
import { mayBeCached, store } from './store.ts'
import { withinTime } from './time-limit.ts'
import { undoEffects } from './undo.ts'
import { lookAtNeeds, movedSince } from './world.ts'

export type Execution =
  | {
      readonly outcome: 'done'
      readonly settlement: Settlement
      readonly changed: boolean
      /** It said that it did only a part of what it could. */
      readonly part?: boolean
    }
  | {
      readonly outcome: 'restored'
      readonly settlement: Settlement
      readonly changed: boolean
      readonly saved: number
    }
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
  /** Only where it is to plan anew. */
  | { readonly outcome: 'moved'; readonly path: TreePath }
  | { readonly outcome: 'stopped' }

export interface StopSignals {
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
  /** Aborted when it is to stop at once. */
  readonly hurry: AbortSignal
}

export interface How extends StopSignals {
  /** Ends as `moved` where something moves, instead of running once more: a watch looks at everything again. */
  readonly plansAnew?: boolean
}

/** A run of a task, from its intent to its commit. Under the lock; rejects only where not even its log can be opened. */
export async function execute(
  project: Project,
  node: Node,
  reasons: readonly Reason[],
  settled: Settlements,
  how: How,
): Promise<Execution> {
  const { plansAnew = false, ...stop } = how
  const { signal } = stop
  const { ports, state, secrets } = project
  const log = new TaskLog(ports.disk, logPath(state.cache, node.name), (line) => secrets.mask(line))
  const forced = reasons.some(({ kind }) => kind === 'forced')
  const about = { project, node, log, ...stop, forced, plansAnew, partial: { yes: false }, mark: randomUUID() }
  const attempt: Attempt = { ...about, taken: [], discoveries: [], begun: new Set() }
  try {
    const ended = await attempts(attempt, reasons, settled)
    return ended.outcome === 'done' ? { ...ended, part: attempt.partial.yes } : ended
  } catch (error) {
    if (signal.aborted || error instanceof StoppedError) return { outcome: 'stopped' }
    const report = reportOf(error)
    // The error shows its stack itself.
    const tail = log.tail()
    for (const line of report.stack?.split('\n') ?? []) log.line(line)
    if (keepsRecord(node)) writeEnd(attempt, 'failed')
    const read = attempt.discoveries.at(-1)?.salvage() ?? []
    return { outcome: 'failed', error: report, logFile: log.path, tail, read, facts: attempt.taken.at(-1) }
  } finally {
    log.close()
  }
}

/** A full disk must not hide the error that is on its way; the intent alone makes the task stale next time. */
function writeEnd({ project, node }: Attempt, outcome: 'failed' | 'moved' | 'skipped'): void {
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
  /** Nothing but its ctime: something may have linked to it, and its content is the same. */
  readonly onlyTouched: boolean
}

/**
 * Attempts until one ends well: one more after an edit in the middle of a run, since what that made may hold half of it, and
 * as many after a failure as the task has retries.
 */
async function attempts(attempt: Attempt, reasons: readonly Reason[], settled: Settlements): Promise<Execution> {
  let because = reasons
  let before: Moved | undefined
  let failures = 0
  for (let count = 1; ; count += 1) {
    const begin = once(() => emitStart(attempt, count, because))
    // What was asked for is a run; and of an edit in the middle nobody knows what the cache makes of it.
    const mayRestore = count === 1 && mayBeCached(attempt.node) && !attempt.forced
    try {
      const turn: Turn = { settled, before, begin, mayRestore }
      const ended = await withinTime(attempt, (limited) => runOnce(limited, turn))
      if (!('moved' in ended)) return ended
      begin()
      if (attempt.plansAnew && !ended.onlyTouched) return planAnew(attempt, ended.moved)
      if (before) throw movedAgain(attempt.node, ended.moved)
      before = ended
      because = [{ kind: 'moved', path: ended.moved }]
    } catch (error) {
      if (!attempt.signal.aborted) begin()
      failures += 1
      if (failures > attempt.node.definition.retries || !mayPass(attempt, error)) throw error
      retryAfter(attempt, error)
      because = [{ kind: 'last-attempt', outcome: 'failed' }]
    }
  }
}

function planAnew(attempt: Attempt, path: TreePath): Execution {
  if (keepsRecord(attempt.node)) writeEnd(attempt, 'moved')
  return { outcome: 'moved', path }
}

/** What the config got wrong, or what was moved during the run, another attempt does not mend; a stop is no failure. */
function mayPass({ signal }: Attempt, error: unknown): boolean {
  if (signal.aborted || error instanceof StoppedError || error instanceof DoesNotEndError) return false
  const { code, family } = reportOf(error)
  return family !== 'usage' && code !== 'E_INPUT_MOVED'
}

function retryAfter(attempt: Attempt, error: unknown): void {
  const { node, log } = attempt
  const { headline } = reportOf(error)
  log.line(`${headline}: trying again`)
  if (keepsRecord(node)) writeEnd(attempt, 'failed')
}

function emitStart({ project, node, log }: Attempt, attempt: number, reasons: readonly Reason[]): void {
  const { about } = node.definition
  const { emit, ports } = project
  const event = { at: ports.clock.now(), task: node.name, attempt, reasons, logFile: log.path }
  emit({ type: 'task-started', ...event, ...(about === undefined ? {} : { about }) })
}

/** One attempt. */
interface Turn {
  readonly settled: Settlements
  /** What moved in the attempt before. */
  readonly before: Moved | undefined
  /** Tells that it runs; a restored task does not. */
  readonly begin: () => void
  readonly mayRestore: boolean
}

function once(tell: () => void): () => void {
  let told = false
  return () => {
    if (!told) tell()
    told = true
  }
}

async function runOnce(attempt: Attempt, turn: Turn): Promise<Execution | Moved> {
  const { settled, begin, mayRestore } = turn
  if (!mayRestore) begin()
  const { project, node, signal, partial } = attempt
  partial.yes = false
  const { kind, action } = node.definition
  const { state, ports } = project
  if (action.kind === 'undo') {
    await undoEffects(attempt)
    return done({ value: null, result: sha256Json(null), run: attempt.mark, outputs: {} }, true)
  }
  const needs = needValues(node, settled)
  const now = await factsForRun(project, node, settled, signal)
  const started = ports.clock.ticks()
  attempt.taken.push(now.facts)
  const discovery = new Discovery(project, node, now.seen, settled)
  attempt.discoveries.push(discovery)
  const spoiled = lookAtNeeds(project, node, now.seen, settled)
  if (spoiled !== undefined && attempt.plansAnew) return { outcome: 'moved', path: spoiled }
  if (spoiled !== undefined) throw notAsMade(project, node, spoiled)
  const earlier = keepsRecord(node) ? state.history(node.name, kind) : noHistory
  const restored = mayRestore ? await restore(attempt, now) : undefined
  if (restored) return restored
  begin()
  // A restoring that came to nothing is no attempt of the task, but what it left has to go.
  const history = mayRestore ? { ...state.history(node.name, kind), last: earlier.last } : earlier
  const observed = kind === 'effect' ? await observe(project, node, { inputs: now.values, needs }, signal) : undefined
  const foreign = foreignNow(project, node, history)
  if (keepsRecord(node)) state.write(kind, intentOf(attempt, now, foreign))
  emptyOutputs(project, node, history, { foreign, keep: new Set() })
  const before = lookAtForeign(project, foreign)
  removeDepfile(project, node)
  discovery.begin([...discoveredBy(history.success).map(([path]) => path), ...(turn.before?.found ?? [])])
  let value: FactValue
  try {
    const data = { now, needs, history, observed, read: (path: string) => discovery.read(path) }
    value = await endingAll(attempt, (own) => act(own, contextFor(own, data)))
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
    if (keepsRecord(node)) writeEnd(attempt, 'skipped')
    return { outcome: 'skipped', reason: error.reason, settlement: leftOut }
  }
  if (signal.aborted) return { outcome: 'stopped' }
  return conclude(attempt, { turn, before, now, needs, history, started, discovery, value })
}

interface Acted extends Omit<RunData, 'observed' | 'read'> {
  /** When it began, in ticks. */
  readonly started: number
  readonly discovery: Discovery
  /** Foreign paths in its outputs as the run found them. */
  readonly before: ForeignBefore
  readonly turn: Turn
  readonly value: FactValue
}

/** What is left to do when the action has ended well: everything must be there, and nothing may have moved. */
async function conclude(attempt: Attempt, acted: Acted): Promise<Execution | Moved> {
  const { project, node, signal } = attempt
  const { now, needs, history, discovery } = acted
  const { kind } = node.definition
  const { state, stats, ports, graph } = project
  stats.newStamp()
  const { outputs, foreign } = takeOutputs(project, node, acted.before)
  const made = graph.hasDepfiles ? { made: madeNow(project, outputs) } : {}
  const found = discovery.end()
  const observed = () => settle(project, node, { inputs: now.values, needs }, signal)
  const value = kind === 'effect' ? await observed() : acted.value
  const facts = await factsAfter(project, node, { now, settled: acted.turn.settled, signal })
  const moved = keepsRecord(node) ? whatMoved(attempt, acted, found) : undefined
  if (moved) return moved
  const ms = ports.clock.ticks() - acted.started
  const record = recordOf(attempt, { facts, discovered: found.facts, value, outputs, ms })
  if (keepsRecord(node)) state.write(kind, { type: 'done', task: node.name, record })
  await store(attempt, record, foreign)
  const settlement = { value, outputs, result: record.result, run: record.run, ...made }
  return done(settlement, record.result !== history.success?.result)
}

/** Undefined where all is as it was. What was only touched counts as that when it happens twice in a row. */
function whatMoved({ project, node, log }: Attempt, { now, turn }: Acted, found: Found): Moved | undefined {
  const since = movedSince(project, node, now.seen)
  const moved = found.moved ?? since.moved
  const [first, ...others] = [...new Set([...found.touched, ...since.touched])]
  const paths = Object.keys(found.facts) as TreePath[]
  if (moved !== undefined) return { moved, found: paths, onlyTouched: false }
  if (first === undefined) return undefined
  if (!turn.before?.onlyTouched) return { moved: first, found: paths, onlyTouched: true }
  for (const path of [first, ...others]) {
    const text = `something touched ${path} while ${node.name} ran, twice: its content is what it was, so the run counts`
    log.line(`warning: ${text}`)
    project.emit({ type: 'notice', at: project.ports.clock.now(), level: 'warning', text, task: node.name })
  }
  return undefined
}

function done(settlement: Settlement, changed: boolean): Execution {
  return { outcome: 'done', settlement, changed }
}

/** Does what the task says and answers its value. */
async function act({ project, node }: Attempt, context: ReturnType<typeof contextFor>): Promise<FactValue> {
  const { action, env, cwd } = node.definition
  if (action.kind === 'run') {
    const value = asJson(node.name, 'The value', await action.run(context))
    return refuseInValue(project.secrets, node.name, 'The value', value)
  }
  const [program, ...args] = node.argv ?? []
  if (program !== undefined) await context.exec(program, args, { env, cwd })
  return null
}

export function notAsMade({ graph }: Project, node: Node, path: TreePath): LakituError {
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
    next: `Let nothing write to it during the run. If the task itself does: rewrites: files(${JSON.stringify(path)}).`,
  })
}
