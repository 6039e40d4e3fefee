import { differences, fingerprintOf } from '../fingerprint/leaves.ts'
import { type Node, servicesOf } from '../graph/graph.ts'
import { reportOf } from '../model/error.ts'
import type { Ending } from '../model/event.ts'
import type { Fingerprint } from '../model/facts.ts'
import type { Reason } from '../model/reason.ts'
import { logPath } from '../state/logs.ts'
import { notAsMade, type StopSignals } from './execute.ts'
import { type FactsNow, factsNow } from './facts.ts'
import type { Memory } from './memory.ts'
import type { Project } from './project.ts'
import { endedMeanwhile } from './service-errors.ts'
import type { Life } from './service-life.ts'
import { serviceSettlement } from './service-settlement.ts'
import type { Services } from './services.ts'
import type { Settlement } from './settled.ts'
import { lookAtNeeds } from './world.ts'

export interface ServingSetting {
  readonly project: Project
  readonly settled: Map<Node, Settlement>
  readonly services: Services
  readonly memory: Memory | undefined
  readonly stop: StopSignals
}

type Failed = Extract<Ending, { readonly state: 'failed' }>

export interface Start {
  /** For which it is started. */
  readonly users: readonly Node[]
  /** Values of its own needs. */
  readonly needs: Readonly<Record<string, unknown>>
  /** False as soon as the run is being stopped. */
  readonly isWanted: () => boolean
}

/** What came of a start. */
export type Started =
  | { readonly outcome: 'ready' }
  | { readonly outcome: 'failed' | 'still failed'; readonly ending: Failed }
  /** It was stopped meanwhile. */
  | { readonly outcome: 'stopped' }

interface Known {
  readonly now: FactsNow
  readonly fingerprint: Fingerprint
}

/** The services in one run: what the scheduler wants of them, done. */
export class Serving {
  private readonly setting: ServingSetting
  private readonly known = new Map<Node, Known>()
  private readonly served = new Set<Node>()
  /** Of those that ended by themselves. */
  private readonly lost = new Map<Node, Life>()
  private readonly cancels = new Map<Node, AbortController>()

  constructor(setting: ServingSetting) {
    this.setting = setting
  }

  /** Takes the facts, which is all that dependents compare. */
  async look(node: Node): Promise<'up' | 'stale' | 'idle'> {
    const { project, settled, services, stop } = this.setting
    const now = await factsNow(project, node, settled, stop.signal)
    const spoiled = lookAtNeeds(project, node, now.seen, settled)
    if (spoiled !== undefined) throw notAsMade(project, node, spoiled)
    const fingerprint = fingerprintOf(now.facts)
    this.known.set(node, { now, fingerprint })
    const verdict = services.verdict(node, fingerprint)
    const value = verdict === 'up' ? services.value(node) : undefined
    settled.set(node, serviceSettlement(now, value))
    if (verdict === 'up') this.served.add(node)
    return verdict
  }

  /** Once it was looked at, and what it needs is ready. Rejects where not even its log can be opened. */
  async start(node: Node, { users, needs, isWanted }: Start): Promise<Started> {
    const { project, settled, services, memory, stop } = this.setting
    const known = this.known.get(node)
    if (!known) throw new Error(`${node.name} was not looked at`)
    const { facts } = known.now
    const failure = memory?.stillFailed(node, facts, settled)
    if (failure) return { outcome: 'still failed', ending: failure.ending }
    this.tellStart(node, users)
    const life = await services.start({ project, node, ...known, needs, hurry: stop.hurry }, isWanted)
    if (!life) return { outcome: 'stopped' }
    const { state } = life
    if (state.kind === 'ready') {
      settled.set(node, serviceSettlement(known.now, state.value))
      this.served.add(node)
      memory?.ended(node, { state: 'served' }, settled)
      return { outcome: 'ready' }
    }
    if (state.kind !== 'ended' || state.how.fault === undefined) return { outcome: 'stopped' }
    const ending = failed(life, state.how.fault)
    memory?.ended(node, ending, settled, { facts })
    return { outcome: 'failed', ending }
  }

  /** Calls back for a service that was ready and ended by itself, until what it answers is called. */
  listen(onLost: (node: Node) => void): () => void {
    const { services, project } = this.setting
    return services.listen((life) => {
      const node = project.graph.byName.get(life.beginning.node.name)
      if (!node) return
      this.lost.set(node, life)
      onLost(node)
    })
  }

  /** How one ended that these needed. */
  loss(node: Node, users: readonly Node[]): Failed {
    const life = this.lost.get(node)
    if (life?.state.kind !== 'ended') throw new Error(`${node.name} was not lost`)
    return failed(life, endedMeanwhile(node, life.state.how.fault, users))
  }

  /** What stops the run of a task: what stops all, and the loss of a service that it needs. */
  stopOf(node: Node): StopSignals {
    const { stop } = this.setting
    if (servicesOf(node).length === 0) return stop
    return { ...stop, signal: AbortSignal.any([stop.signal, this.cancelOf(node).signal]) }
  }

  /** A task that runs, or a service that is ready. */
  cancel(node: Node): void {
    if (node.definition.kind === 'service') void this.setting.services.stop((name) => name === node.name)
    else this.cancelOf(node).abort()
  }

  private cancelOf(node: Node): AbortController {
    const known = this.cancels.get(node) ?? new AbortController()
    this.cancels.set(node, known)
    return known
  }

  /** Of a watch: what its config says no more, or nothing needs any more, ends. */
  async keep(nodes: readonly Node[]): Promise<void> {
    const names = new Set(nodes.map((node) => node.name))
    await this.setting.services.stop((name) => !names.has(name))
  }

  /** When all tasks have ended; of a watch, those that are ready stay. */
  async end(stays: boolean): Promise<void> {
    const { services } = this.setting
    await (stays ? services.stopUnready() : services.stop())
  }

  ending(node: Node, wasStopped: boolean): Ending {
    if (this.served.has(node)) return { state: 'served' }
    return { state: wasStopped ? 'stopped' : 'idle' }
  }

  private tellStart(node: Node, users: readonly Node[]): void {
    const { project, services } = this.setting
    const { emit, ports, state } = project
    const before = services.facts(node)
    const now = this.known.get(node)?.now.facts
    const changes = before && now ? differences(before, now) : []
    const needed: Reason = { kind: 'needed', by: users.map((user) => user.name) }
    const { about } = node.definition
    emit({
      type: 'task-started',
      at: ports.clock.now(),
      task: node.name,
      attempt: 1,
      reasons: changes.length > 0 ? changes : [needed],
      logFile: logPath(state.cache, node.name),
      ...(about === undefined ? {} : { about }),
    })
  }
}

function failed({ log }: Life, fault: unknown): Failed {
  return { state: 'failed', error: reportOf(fault), logFile: log.path, tail: log.tail() }
}
