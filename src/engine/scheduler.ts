import type { Node } from '../graph/graph.ts'
import { never } from '../util/text.ts'

/**
 * The states of a task in a run, and what leads from one to the next:
 *
 * | from     | by                                         | to       |
 * | -------- | ------------------------------------------ | -------- |
 * | pending  | all needs settled well                     | checking |
 * | pending  | a need failed, is blocked or stopped       | blocked  |
 * | checking | the check says fresh / stale / failed      | fresh / waiting / failed |
 * | waiting  | its `after` settled well, a slot, its pools | running  |
 * | waiting  | one of its `after` failed                  | blocked  |
 * | running  | the run says done / skipped / failed / stopped | done / skipped / failed / stopped |
 * | pending, checking, waiting | stop, or a failure without keep-going | stopped |
 *
 * Verifying and restoring are parts of running. A stopped check is no longer listened to.
 */
export type TaskState =
  | 'pending'
  | 'checking'
  | 'waiting'
  | 'running'
  | 'fresh'
  | 'done'
  | 'skipped'
  | 'failed'
  | 'blocked'
  | 'stopped'

export type Settled = Extract<TaskState, 'fresh' | 'done' | 'skipped' | 'failed' | 'blocked' | 'stopped'>

/** What the world tells the scheduler. */
export type Signal =
  | { readonly type: 'want'; readonly nodes: readonly Node[] }
  | { readonly type: 'checked'; readonly node: Node; readonly verdict: 'fresh' | 'stale' | 'failed' }
  | { readonly type: 'ran'; readonly node: Node; readonly outcome: 'done' | 'skipped' | 'failed' | 'stopped' }
  | { readonly type: 'stop' }

/** What the scheduler wants done. */
export type Order =
  | { readonly type: 'check'; readonly node: Node }
  | { readonly type: 'run'; readonly node: Node }
  | { readonly type: 'blocked'; readonly node: Node; readonly by: Node }
  | { readonly type: 'stopped'; readonly node: Node }

export interface Limits {
  readonly jobs: number
  readonly keepGoing: boolean
  /** How many tasks of a pool run together; default 1. */
  readonly pools: Readonly<Record<string, number>>
}

const good: ReadonlySet<TaskState> = new Set<TaskState>(['fresh', 'done', 'skipped'])
const bad: ReadonlySet<TaskState> = new Set<TaskState>(['failed', 'blocked', 'stopped'])

/** Decides what is done next. Deterministic, without IO and without a clock. */
export class Scheduler {
  private readonly states = new Map<Node, TaskState>()
  private readonly limits: Limits
  private readonly poolUse = new Map<string, number>()
  private running = 0
  /** No new work is begun. */
  private closing = false

  constructor(limits: Limits) {
    this.limits = limits
  }

  state(node: Node): TaskState | undefined {
    return this.states.get(node)
  }

  /** Nothing is under way and nothing will be. */
  get finished(): boolean {
    return [...this.states.values()].every((state) => good.has(state) || bad.has(state))
  }

  /** The one transition function: takes a signal in, answers what follows from it. */
  next(signal: Signal): readonly Order[] {
    this.take(signal)
    const orders: Order[] = []
    for (let more = this.advance(); more.length > 0; more = this.advance()) orders.push(...more)
    return orders
  }

  private take(signal: Signal): void {
    switch (signal.type) {
      case 'want':
        for (const node of signal.nodes) this.want(node)
        return
      case 'checked':
        if (this.states.get(signal.node) !== 'checking') return
        this.states.set(signal.node, signal.verdict === 'stale' ? 'waiting' : signal.verdict)
        if (signal.verdict === 'stale') for (const node of signal.node.after) this.want(node)
        if (signal.verdict === 'failed') this.failed()
        return
      case 'ran':
        this.states.set(signal.node, signal.outcome)
        this.running -= 1
        for (const pool of signal.node.definition.pools) this.poolUse.set(pool, this.used(pool) - 1)
        if (signal.outcome === 'failed') this.failed()
        return
      case 'stop':
        this.closing = true
        return
      default:
        never(signal)
    }
  }

  private failed(): void {
    if (!this.limits.keepGoing) this.closing = true
  }

  private want(node: Node): void {
    if (this.states.has(node)) return
    this.states.set(node, 'pending')
    for (const need of node.requires) this.want(need)
  }

  private advance(): readonly Order[] {
    const orders: Order[] = []
    for (const [node, state] of this.states) {
      const order =
        state === 'pending' ? this.leavePending(node) : state === 'waiting' ? this.leaveWaiting(node) : undefined
      if (order) orders.push(order)
      else if (state === 'checking' && this.closing) orders.push(this.end(node))
    }
    return orders
  }

  private leavePending(node: Node): Order | undefined {
    const by = node.requires.find((need) => this.isIn(need, bad))
    if (by) return this.block(node, by)
    if (this.closing) return this.end(node)
    if (!node.requires.every((need) => this.isIn(need, good))) return undefined
    this.states.set(node, 'checking')
    return { type: 'check', node }
  }

  private leaveWaiting(node: Node): Order | undefined {
    const by = node.after.find((other) => this.isIn(other, bad))
    if (by) return this.block(node, by)
    if (this.closing) return this.end(node)
    if (!node.after.every((other) => this.isIn(other, good)) || !this.hasRoom(node)) return undefined
    this.states.set(node, 'running')
    this.running += 1
    for (const pool of node.definition.pools) this.poolUse.set(pool, this.used(pool) + 1)
    return { type: 'run', node }
  }

  /** A task takes all its pools at once, or waits holding none. */
  private hasRoom(node: Node): boolean {
    if (this.running >= this.limits.jobs) return false
    return node.definition.pools.every((pool) => this.used(pool) < (this.limits.pools[pool] ?? 1))
  }

  private block(node: Node, by: Node): Order {
    // Stopping is not the fault of a need: its dependents were simply not begun either.
    if (this.states.get(by) === 'stopped') return this.end(node)
    this.states.set(node, 'blocked')
    return { type: 'blocked', node, by }
  }

  private end(node: Node): Order {
    this.states.set(node, 'stopped')
    return { type: 'stopped', node }
  }

  private isIn(node: Node, states: ReadonlySet<TaskState>): boolean {
    const state = this.states.get(node)
    return state !== undefined && states.has(state)
  }

  private used(pool: string): number {
    return this.poolUse.get(pool) ?? 0
  }
}
