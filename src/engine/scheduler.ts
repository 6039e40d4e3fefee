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
 * | checking | a watch says still failed / left alone     | failed / stopped |
 * | waiting  | its `after` settled well, a slot, its pools | running  |
 * | waiting  | one of its `after` failed                  | blocked  |
 * | running  | the run says done / restored / skipped / failed / stopped | the same |
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
  | 'restored'
  | 'skipped'
  | 'failed'
  | 'blocked'
  | 'stopped'

export type Settled = Extract<TaskState, 'fresh' | 'done' | 'restored' | 'skipped' | 'failed' | 'blocked' | 'stopped'>

/** The last two, which only a watch gives, keep nothing else from going on but what needs the task. */
export type CheckVerdict = 'fresh' | 'stale' | 'failed' | 'still failed' | 'left alone'

/** What the world tells the scheduler. */
export type Signal =
  | { readonly type: 'want'; readonly nodes: readonly Node[] }
  | { readonly type: 'checked'; readonly node: Node; readonly verdict: CheckVerdict }
  | {
      readonly type: 'ran'
      readonly node: Node
      readonly outcome: 'done' | 'restored' | 'skipped' | 'failed' | 'stopped'
    }
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

const good: ReadonlySet<TaskState> = new Set<TaskState>(['fresh', 'done', 'restored', 'skipped'])
const bad: ReadonlySet<TaskState> = new Set<TaskState>(['failed', 'blocked', 'stopped'])

const settledBy = { fresh: 'fresh', failed: 'failed', 'still failed': 'failed', 'left alone': 'stopped' } as const

interface Entry {
  state: TaskState
  /** Of what it waits for (needs while pending, `after` while waiting), how many have not settled well. */
  open: number
  /** One of these that settled badly. */
  bad: Node | undefined
  /** Who waits for it. */
  readonly heard: Set<Node>
}

/** Decides what is done next, in time that grows with the edges. Deterministic, without IO and without a clock. */
export class Scheduler {
  private readonly entries = new Map<Node, Entry>()
  /** To be looked at again, in the order in which that became so. */
  private readonly touched = new Set<Node>()
  /** Waiting for nothing but a slot and its pools. */
  private readonly ready = new Set<Node>()
  private readonly limits: Limits
  private readonly poolUse = new Map<string, number>()
  private unsettled = 0
  private running = 0
  /** No new work is begun. */
  private closing = false

  constructor(limits: Limits) {
    this.limits = limits
  }

  state(node: Node): TaskState | undefined {
    return this.entries.get(node)?.state
  }

  /** Nothing is under way and nothing will be. */
  get finished(): boolean {
    return this.unsettled === 0
  }

  /** The one transition function: takes a signal in, answers what follows from it. */
  next(signal: Signal): readonly Order[] {
    this.take(signal)
    const orders: Order[] = []
    for (const node of this.touched) {
      this.touched.delete(node)
      const order = this.look(node)
      if (order) orders.push(order)
    }
    orders.push(...this.fillSlots())
    return orders
  }

  private take(signal: Signal): void {
    switch (signal.type) {
      case 'want':
        this.want(signal.nodes)
        return
      case 'checked':
        if (this.state(signal.node) !== 'checking') return
        if (signal.verdict === 'stale') this.wait(signal.node)
        else this.settle(signal.node, settledBy[signal.verdict])
        if (signal.verdict === 'failed' && !this.limits.keepGoing) this.close()
        return
      case 'ran':
        this.running -= 1
        for (const pool of signal.node.definition.pools) this.poolUse.set(pool, this.used(pool) - 1)
        this.settle(signal.node, signal.outcome)
        if (signal.outcome === 'failed' && !this.limits.keepGoing) this.close()
        return
      case 'stop':
        this.close()
        return
      default:
        never(signal)
    }
  }

  private close(): void {
    this.closing = true
    for (const [node, { state }] of this.entries) {
      if (state === 'pending' || state === 'checking' || state === 'waiting') this.touched.add(node)
    }
  }

  /** Brings tasks and all that they need into the run. */
  private want(nodes: readonly Node[]): void {
    const fresh: Node[] = []
    const waiting = [...nodes].reverse()
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (this.entries.has(node)) continue
      this.entries.set(node, { state: 'pending', open: 0, bad: undefined, heard: new Set() })
      this.unsettled += 1
      fresh.push(node)
      for (const need of [...node.requires].reverse()) waiting.push(need)
    }
    for (const node of fresh) this.hear(node, node.requires)
  }

  /** A stale task waits for its `after`, then for its turn. */
  private wait(node: Node): void {
    this.entry(node).state = 'waiting'
    this.want(node.after)
    this.hear(node, node.after)
  }

  /** Counts what the task waits for from now on, and has it looked at. */
  private hear(node: Node, others: readonly Node[]): void {
    const own = this.entry(node)
    own.open = 0
    for (const other of new Set(others)) {
      const { state, heard } = this.entry(other)
      if (good.has(state)) continue
      if (bad.has(state)) own.bad ??= other
      own.open += 1
      heard.add(node)
    }
    this.touched.add(node)
  }

  private look(node: Node): Order | undefined {
    const { state, open, bad: by } = this.entry(node)
    if (state !== 'pending' && state !== 'waiting' && state !== 'checking') return undefined
    if (by && state !== 'checking') return this.block(node, by)
    if (this.closing) return this.end(node)
    if (open > 0 || state === 'checking') return undefined
    if (state === 'waiting') {
      this.ready.add(node)
      return undefined
    }
    this.entry(node).state = 'checking'
    return { type: 'check', node }
  }

  private fillSlots(): readonly Order[] {
    const orders: Order[] = []
    for (const node of this.ready) {
      if (this.running >= this.limits.jobs) break
      if (!this.hasPools(node)) continue
      this.ready.delete(node)
      this.entry(node).state = 'running'
      this.running += 1
      for (const pool of node.definition.pools) this.poolUse.set(pool, this.used(pool) + 1)
      orders.push({ type: 'run', node })
    }
    return orders
  }

  /** A task takes all its pools at once, or waits holding none. */
  private hasPools(node: Node): boolean {
    return node.definition.pools.every((pool) => this.used(pool) < (this.limits.pools[pool] ?? 1))
  }

  private block(node: Node, by: Node): Order {
    // Stopping is not the fault of a need: its dependents were simply not begun either.
    if (this.state(by) === 'stopped') return this.end(node)
    this.settle(node, 'blocked')
    return { type: 'blocked', node, by }
  }

  private end(node: Node): Order {
    this.settle(node, 'stopped')
    return { type: 'stopped', node }
  }

  private settle(node: Node, state: Settled): void {
    const own = this.entry(node)
    own.state = state
    this.unsettled -= 1
    this.ready.delete(node)
    for (const other of own.heard) {
      const entry = this.entry(other)
      if (good.has(state)) entry.open -= 1
      else entry.bad ??= node
      this.touched.add(other)
    }
    own.heard.clear()
  }

  private entry(node: Node): Entry {
    const entry = this.entries.get(node)
    if (!entry) throw new Error(`${node.name} is not part of this run`)
    return entry
  }

  private used(pool: string): number {
    return this.poolUse.get(pool) ?? 0
  }
}
