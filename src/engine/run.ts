import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { reportOf } from '../model/error.ts'
import { type Ending, eventVersion } from '../model/event.ts'
import type { Reason } from '../model/reason.ts'
import type { RunRecord } from '../model/record.ts'
import type { TreePath } from '../util/paths.ts'
import { Anew, type Edits } from './anew.ts'
import { Asks } from './asks.ts'
import { check } from './check.ts'
import type { Execution, StopSignals } from './execute.ts'
import { factsNow } from './facts.ts'
import { maskEnding, masking } from './masking.ts'
import type { Memory } from './memory.ts'
import type { Project } from './project.ts'
import { type Limits, type Order, Scheduler, type Signal } from './scheduler.ts'
import { Services } from './services.ts'
import { Serving } from './serving.ts'
import { needValues, type Settlement } from './settled.ts'
import { type Checked, Writer, type WriterOptions } from './writer.ts'

export interface RunRequest extends Limits {
  readonly targets: readonly Node[]
  /** Run the targets even when they are fresh. */
  readonly force: boolean
  /** Others that are to be run even when they are fresh. */
  readonly forced?: readonly Node[]
  readonly writer: WriterOptions
  /** How big the cache of results may grow, in bytes. */
  readonly cacheLimit: number
  /** How big the cache of downloads may grow, in bytes. */
  readonly downloadLimit: number
  /** Of a watch, of which this is one run among others. */
  readonly memory?: Memory
  readonly edits?: Edits
  /** Of a watch: those that are ready stay up for its next run. Without, they end with this one. */
  readonly services?: Services
}

export interface RunResult {
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly endings: ReadonlyMap<Node, Ending>
  /** What those are known to have read that failed. */
  readonly read: ReadonlyMap<Node, readonly TreePath[]>
  readonly ms: number
  /** Of a watch: something moved that decides whether a task is to run, so that everything is to be looked at again. */
  readonly again?: boolean
  /** Those that ran, and whether each said that it did only a part of what it could. */
  readonly parts?: ReadonlyMap<Node, boolean>
}

/** Brings the targets up to date. Rejects only where no task is at fault: a lock, a state of a newer version. */
export async function run(given: Project, request: RunRequest, stop: StopSignals): Promise<RunResult> {
  const project = masking(given)
  const writer = new Writer(project, request.writer, stop.signal)
  const services = request.services ?? new Services()
  const started = project.ports.clock.ticks()
  writer.refuseInside()
  project.state.refresh()
  try {
    for (;;) {
      const round = new Round(project, request, stop, { writer, services })
      const endings = await round.play()
      if (!endings) continue
      request.memory?.ranAll(project.state.known())
      return { ...finish(project, endings, started, stop), read: round.read, again: round.again, parts: round.parts }
    }
  } finally {
    if (!request.services) await services.stop()
    project.state.results.close(request.cacheLimit)
    writer.release()
    project.downloads.end(request.downloadLimit)
    project.tools.save()
  }
}

function finish(
  project: Project,
  endings: Map<Node, Ending>,
  started: number,
  stop: StopSignals,
): Omit<RunResult, 'read' | 'again' | 'parts'> {
  const { clock } = project.ports
  const counts = { fresh: 0, done: 0, restored: 0, skipped: 0, failed: 0, blocked: 0, stopped: 0, served: 0, idle: 0 }
  for (const { state } of endings.values()) counts[state] += 1
  const bad = counts.failed + counts.blocked > 0
  const outcome = stop.signal.aborted ? 'stopped' : bad ? 'failed' : counts.stopped > 0 ? 'stopped' : 'done'
  const ms = clock.ticks() - started
  project.emit({ type: 'run-ended', at: clock.now(), ms, outcome, counts })
  return { outcome, endings, ms }
}

/** What outlives a round. */
interface Shared {
  readonly writer: Writer
  readonly services: Services
}

/** One pass over the graph; a second is needed when another lakitu wrote after this one had looked. */
class Round {
  private readonly scheduler: Scheduler
  private readonly settled = new Map<Node, Settlement>()
  private readonly endings = new Map<Node, Ending>()
  readonly read = new Map<Node, readonly TreePath[]>()
  again = false
  readonly parts = new Map<Node, boolean>()
  private readonly begun = new Map<Node, number>()
  private readonly reasons = new Map<Node, readonly Reason[]>()
  private resolve: (endings: Map<Node, Ending> | undefined) => void = () => {}
  private reject: (error: unknown) => void = () => {}
  private over = false
  private readonly project: Project
  private readonly request: RunRequest
  private readonly stop: StopSignals
  private readonly writer: Writer
  private readonly anew: Anew
  private readonly asks: Asks
  private readonly serving: Serving

  constructor(project: Project, request: RunRequest, stop: StopSignals, shared: Shared) {
    this.project = project
    this.request = request
    this.stop = stop
    this.writer = shared.writer
    this.scheduler = new Scheduler({ ...request, holds: !request.services })
    this.anew = new Anew(project, this.settled, stop, request.edits)
    const { services } = shared
    this.asks = new Asks({ project, settled: this.settled, memory: request.memory, signal: stop.signal })
    this.serving = new Serving({ project, settled: this.settled, services, memory: request.memory, stop })
  }

  /** Undefined: everything must be looked at again. */
  async play(): Promise<Map<Node, Ending> | undefined> {
    const { project, request, stop } = this
    const ended = new Promise<Map<Node, Ending> | undefined>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    const onStop = () => this.feed({ type: 'stop' })
    stop.signal.addEventListener('abort', onStop)
    const deafen = [this.anew.listen(), this.serving.listen((node) => this.feed({ type: 'ended', node }))]
    project.stats.newStamp()
    const all = closure(project.graph, request.targets, 'needs and after')
    await this.serving.keep(all)
    const [targets, tasks] = [request.targets, all].map((nodes) => nodes.map((node) => node.name))
    const at = project.ports.clock.now()
    project.emit({ type: 'run-started', version: eventVersion, at, targets: targets ?? [], tasks: tasks ?? [] })
    this.feed({ type: 'want', nodes: request.targets })
    if (stop.signal.aborted) onStop()
    try {
      const endings = await ended
      if (endings) await this.endServices(all)
      return endings
    } finally {
      this.over = true
      for (const end of deafen) end()
      stop.signal.removeEventListener('abort', onStop)
    }
  }

  private feed(signal: Signal): void {
    if (this.over) return
    for (const order of this.scheduler.next(signal)) this.carryOut(order)
    if (this.scheduler.holds) this.idle()
    if (this.scheduler.finished) this.resolve(this.endings)
  }

  /** Who asked for a service asked for nothing that is written: another lakitu may work beside it. */
  private idle(): void {
    this.project.state.results.close(this.request.cacheLimit)
    this.writer.release()
  }

  private async endServices(all: readonly Node[]): Promise<void> {
    await this.serving.end(this.request.services !== undefined)
    for (const node of all) {
      const state = this.scheduler.state(node)
      if (node.definition.kind !== 'service' || state === undefined || this.endings.has(node)) continue
      this.end(node, this.serving.ending(node, state === 'stopped'))
    }
  }

  private carryOut(order: Order): void {
    switch (order.type) {
      case 'check':
        void this.check(order.node)
        return
      case 'run':
        void this.run(order.node).catch(this.reject)
        return
      case 'blocked':
        this.end(order.node, { state: 'blocked', by: order.by.name })
        return
      case 'stopped':
        this.end(order.node, { state: 'stopped' })
        return
      case 'start':
        void this.start(order.node, order.for).catch(this.reject)
        return
      case 'lost':
        this.end(order.node, this.serving.loss(order.node, order.users))
        return
      case 'cancel':
        this.serving.cancel(order.node)
    }
  }

  private async check(node: Node): Promise<void> {
    const { project, request, stop } = this
    const { clock } = project.ports
    this.begun.set(node, clock.ticks())
    project.emit({ type: 'task-checking', at: clock.now(), task: node.name })
    try {
      if (this.leavesAlone(node)) return
      if (node.definition.kind === 'service') {
        const verdict = await this.serving.look(node)
        if (!this.isStopped(node)) this.feed({ type: 'checked', node, verdict })
        return
      }
      const forced = (request.force && request.targets.includes(node)) || (request.forced ?? []).includes(node)
      const verdict = await check(project, node, this.settled, forced, stop.signal)
      if (this.isStopped(node)) return
      if (verdict.kind === 'fresh') {
        this.settle(node, verdict.record)
        this.end(node, { state: 'fresh' })
      } else this.reasons.set(node, verdict.reasons)
      if (verdict.kind === 'stale' && !forced && (await this.isStillFailed(node))) return
      if (verdict.kind === 'stale' && (await this.mustAsk(node, verdict.reasons))) return
      this.feed({ type: 'checked', node, verdict: verdict.kind })
    } catch (error) {
      if (this.isStopped(node)) return
      this.end(node, { state: 'failed', error: reportOf(error) })
      this.feed({ type: 'checked', node, verdict: 'failed' })
    }
  }

  /** What was undone while a watch is on comes back when somebody asks for it. */
  private leavesAlone(node: Node): boolean {
    const { state, emit, ports } = this.project
    if (node.definition.kind !== 'effect') return false
    if (!this.request.memory?.isLeftAlone(node, state.history(node.name, 'effect'))) return false
    const text = `it was undone meanwhile and is left alone; to bring it back: lakitu ${node.name}`
    emit({ type: 'notice', at: ports.clock.now(), level: 'warning', task: node.name, text })
    this.end(node, { state: 'stopped' })
    this.feed({ type: 'checked', node, verdict: 'left alone' })
    return true
  }

  private async isStillFailed(node: Node): Promise<boolean> {
    const { memory } = this.request
    if (!memory?.hasFailed(node)) return false
    const { facts } = await factsNow(this.project, node, this.settled, this.stop.signal)
    if (this.isStopped(node)) return true
    const failure = memory.stillFailed(node, facts, this.settled)
    if (!failure) return false
    this.read.set(node, [...failure.read])
    this.end(node, failure.ending)
    this.feed({ type: 'checked', node, verdict: 'still failed' })
    return true
  }

  private async mustAsk(node: Node, reasons: readonly Reason[]): Promise<boolean> {
    const mustWait = await this.asks.mustWait(node, reasons)
    if (!mustWait || this.isStopped(node)) return mustWait
    this.end(node, { state: 'stopped' })
    this.feed({ type: 'checked', node, verdict: 'left alone' })
    return true
  }

  /** Its end was told when the run was stopped. */
  private isStopped(node: Node): boolean {
    return this.over || this.scheduler.state(node) !== 'checking'
  }

  private settle(node: Node, { value, result, run, outputs }: RunRecord): void {
    this.settled.set(node, { value, result, run, outputs })
  }

  /** Whether a task may be begun: under the lock, and where everything that was looked at before still holds. */
  private mayBegin(node: Node, checked: Checked | 'stopped'): boolean {
    if (this.over) return false
    if (checked === 'before others wrote' && !this.writer.checkedSince) {
      this.writer.checkedSince = true
      // At once: more tasks are coming here from the same wait.
      this.over = true
      this.resolve(undefined)
      return false
    }
    // What is told is how long it ran, not how long it waited for its turn.
    this.begun.set(node, this.project.ports.clock.ticks())
    return checked !== 'stopped'
  }

  private async start(node: Node, users: readonly Node[]): Promise<void> {
    const isWanted = () => !this.over && this.scheduler.state(node) === 'starting'
    if (!this.mayBegin(node, await this.lock()) || !isWanted()) return
    const started = await this.serving.start(node, { users, needs: needValues(node, this.settled), isWanted })
    if (!isWanted() || started.outcome === 'stopped') return
    if ('ending' in started) this.end(node, started.ending)
    this.feed({ type: 'started', node, outcome: started.outcome })
  }

  private async run(node: Node): Promise<void> {
    const mayBegin = this.mayBegin(node, await this.lock())
    if (!mayBegin && this.over) return
    const hasMoved = mayBegin && (await this.asks.hasMoved(node))
    if (!mayBegin || hasMoved) {
      this.again ||= hasMoved
      this.end(node, { state: 'stopped' })
      this.feed({ type: 'ran', node, outcome: 'stopped' })
      return
    }
    const reasons = this.reasons.get(node) ?? []
    const execution = await this.anew.execute(node, reasons, this.serving.stopOf(node)).catch(failure)
    if ('settlement' in execution) this.settled.set(node, execution.settlement)
    if (execution.outcome === 'done') this.parts.set(node, execution.part === true)
    if (execution.outcome === 'failed') this.read.set(node, execution.read)
    if (execution.outcome === 'moved') this.planAnew(node, execution.path)
    const ending = endingOf(execution)
    this.request.memory?.ended(node, ending, this.settled, execution.outcome === 'failed' ? execution : {})
    this.end(node, ending)
    this.feed({ type: 'ran', node, outcome: execution.outcome === 'moved' ? 'stopped' : execution.outcome })
  }

  /**
   * In a watch somebody edits while an effect runs, again and again: that is no fault of the effect. Where it seems to write by itself what it
   * reads, only edits that somebody hears of make it run again.
   */
  private planAnew(node: Node, path: TreePath): void {
    const { emit, ports } = this.project
    const times = this.request.memory?.moved(node) ?? 'once more'
    this.again ||= times === 'once more'
    const isNew = times === 'suspicious for once'
    const text = isNew
      ? `${path} changes in each of its runs; if it writes that itself: rewrites: files(${JSON.stringify(path)})`
      : `${path} changed while it ran: it is planned again right after`
    emit({ type: 'notice', at: ports.clock.now(), level: isNew ? 'warning' : 'info', task: node.name, text })
  }

  private async lock(): Promise<Checked | 'stopped'> {
    try {
      return await this.writer.take()
    } catch (error) {
      if (this.stop.signal.aborted) return 'stopped'
      throw error
    }
  }

  private end(node: Node, ended: Ending): void {
    const ending = maskEnding(this.project.secrets, ended)
    const { clock } = this.project.ports
    this.endings.set(node, ending)
    const ms = clock.ticks() - (this.begun.get(node) ?? clock.ticks())
    this.project.emit({ type: 'task-ended', at: clock.now(), task: node.name, ending, ms })
  }
}

/** Even the log could not be opened. */
function failure(error: unknown): Execution {
  return { outcome: 'failed', error: reportOf(error), logFile: '', tail: [], read: [] }
}

function endingOf(execution: Execution): Ending {
  switch (execution.outcome) {
    case 'done':
      return { state: 'done', changed: execution.changed }
    case 'restored':
      return { state: 'restored', changed: execution.changed, saved: execution.saved }
    case 'skipped':
      return { state: 'skipped', reason: execution.reason }
    case 'failed': {
      const { error, logFile, tail } = execution
      return { state: 'failed', error, ...(logFile === '' ? {} : { logFile, tail }) }
    }
    case 'moved':
    case 'stopped':
      return { state: 'stopped' }
  }
}
