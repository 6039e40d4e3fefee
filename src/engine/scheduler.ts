import type { Node } from '../graph/graph.ts'
import { never } from '../util/text.ts'
import type { Limits, Order, Settled, Signal, TaskState } from './scheduling.ts'

export type { CheckVerdict, Limits, Order, Settled, Signal, TaskState } from './scheduling.ts'

const good: ReadonlySet<TaskState> = new Set<TaskState>(['fresh', 'done', 'restored', 'skipped'])
const ended: ReadonlySet<TaskState> = new Set<TaskState>([...good, 'idle', 'blocked', 'stopped'])
/** Of a service. */
const known: ReadonlySet<TaskState> = new Set<TaskState>(['idle', 'waiting', 'starting', 'ready'])
const bad: ReadonlySet<TaskState> = new Set<TaskState>(['failed', 'blocked', 'stopped'])

const settledBy = {
  fresh: 'fresh',
  failed: 'failed',
  'still failed': 'failed',
  'left alone': 'stopped',
  idle: 'idle',
  up: 'ready',
} as const

function isService(node: Node): boolean {
  return node.definition.kind === 'service'
}

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
  /** Services that are to run whether a task needs them or not. */
  private readonly asked = new Set<Node>()
  /** Those of them that are ready: the run goes on until it is stopped. */
  private readonly holding = new Set<Node>()
  /** Follows from what was taken in, before anything that is looked at. */
  private losses: Order[] = []
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

  /** Nothing is under way but services that were asked for. */
  get holds(): boolean {
    return this.holding.size > 0 && this.unsettled === this.holding.size
  }

  /** The one transition function: takes a signal in, answers what follows from it. */
  next(signal: Signal): readonly Order[] {
    this.take(signal)
    const orders = this.losses
    this.losses = []
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
        for (const node of signal.nodes) if (isService(node)) this.asked.add(node)
        this.want(signal.nodes)
        return
      case 'checked':
        if (this.state(signal.node) !== 'checking') return
        if (signal.verdict === 'stale' && isService(signal.node)) this.restart(signal.node)
        else if (signal.verdict === 'stale') this.wait(signal.node)
        else this.settle(signal.node, settledBy[signal.verdict])
        if (signal.verdict === 'failed' && !this.limits.keepGoing) this.close()
        return
      case 'ran':
        this.running -= 1
        for (const pool of signal.node.definition.pools) this.poolUse.set(pool, this.used(pool) - 1)
        this.settle(signal.node, signal.outcome)
        if (signal.outcome === 'failed' && !this.limits.keepGoing) this.close()
        return
      case 'started':
        this.started(signal.node, signal.outcome)
        return
      case 'ended':
        if (this.state(signal.node) === 'ready') this.lose(signal.node)
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
      // Its end is told when it has been stopped.
      else if (state === 'starting') this.settle(node, 'stopped')
    }
    for (const node of this.holding) this.release(node)
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
    this.hear(node, [...node.after, ...node.requires.filter(isService)])
  }

  /** Counts what the task waits for from now on, and has it looked at. */
  private hear(node: Node, others: readonly Node[]): void {
    const own = this.entry(node)
    own.open = 0
    for (const other of new Set(others)) {
      const { state, heard } = this.entry(other)
      if (this.suffices(own.state, other)) continue
      if (bad.has(state)) own.bad ??= other
      own.open += 1
      heard.add(node)
      if (state === 'idle') this.wake(other)
    }
    this.touched.add(node)
  }

  /** Whether the other one is as far as a task in this state waits for. */
  private suffices(own: TaskState, other: Node): boolean {
    const { state } = this.entry(other)
    if (!isService(other)) return good.has(state)
    return own === 'waiting' ? state === 'ready' : known.has(state)
  }

  private look(node: Node): Order | undefined {
    const { state, open, bad: by } = this.entry(node)
    if (state !== 'pending' && state !== 'waiting' && state !== 'checking') return undefined
    if (by && state !== 'checking') return this.block(node, by)
    if (this.closing) return this.end(node)
    if (open > 0 || state === 'checking') return undefined
    if (state === 'waiting' && isService(node)) {
      this.entry(node).state = 'starting'
      return { type: 'start', node, for: [...this.entry(node).heard] }
    }
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
      if (this.suffices(entry.state, node)) entry.open -= 1
      else if (bad.has(state)) entry.bad ??= node
      else continue
      own.heard.delete(other)
      this.touched.add(other)
    }
    const isHeld = this.asked.has(node) && this.limits.holds !== false
    if (state === 'ready' && isHeld && !this.closing) this.hold(node)
    if (state === 'idle' && (own.heard.size > 0 || this.asked.has(node))) this.wake(node)
  }

  private started(node: Node, outcome: 'ready' | 'failed' | 'still failed'): void {
    if (this.state(node) !== 'starting') return
    this.settle(node, outcome === 'ready' ? 'ready' : 'failed')
    if (outcome === 'failed' && !this.limits.keepGoing) this.close()
  }

  private hold(node: Node): void {
    this.holding.add(node)
    this.unsettled += 1
  }

  private release(node: Node): void {
    if (this.holding.delete(node)) this.unsettled -= 1
  }

  /** A service that is known is to run. */
  private wake(node: Node): void {
    this.unsettled += 1
    this.wait(node)
  }

  private restart(node: Node): void {
    this.settle(node, 'idle')
    if (this.state(node) === 'idle') this.wake(node)
  }

  /** A service is gone that was ready. Where all that needs it has ended well, nobody misses it. */
  private lose(node: Node): void {
    const users = this.usersOf(node)
    const own = this.entry(node)
    if (users.length === 0 && !this.holding.has(node)) {
      own.state = 'idle'
      return
    }
    own.state = 'failed'
    this.release(node)
    this.losses.push({ type: 'lost', node, users })
    this.cancel(users, node)
    if (!this.limits.keepGoing) this.close()
  }

  /** What needs the service and has not ended; also what failed, of which its end may be the cause. */
  private usersOf(node: Node): readonly Node[] {
    return [...this.entries].flatMap(([user, { state }]) => {
      const isUser = user.requires.includes(node) || user.after.includes(node)
      return isUser && !ended.has(state) ? [user] : []
    })
  }

  private cancel(users: readonly Node[], by: Node): void {
    for (const user of users) {
      const entry = this.entry(user)
      if (entry.state === 'waiting') {
        entry.bad ??= by
        this.touched.add(user)
      } else if (entry.state === 'running') this.losses.push({ type: 'cancel', node: user })
      else if (entry.state === 'starting') this.settle(user, 'stopped')
      else if (entry.state === 'ready') {
        this.release(user)
        entry.state = 'stopped'
        this.losses.push({ type: 'cancel', node: user })
        this.cancel(this.usersOf(user), user)
      }
    }
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
