import { service } from '../../src/define/service.ts'
import { task } from '../../src/define/task.ts'
import { type CheckVerdict, type Limits, type Order, Scheduler, type Signal } from '../../src/engine/scheduler.ts'
import type { Node } from '../../src/graph/graph.ts'

interface Wanted {
  readonly needs?: readonly Node[]
  readonly after?: readonly Node[]
  readonly pools?: readonly string[]
  readonly serves?: boolean
}

export function node(name: string, { needs = [], after = [], pools = [], serves = false }: Wanted = {}): Node {
  const { definition } = serves
    ? service(name, { command: ['true'], ready: () => 1 })
    : task(name, { command: ['true'], pools })
  return {
    name,
    definition,
    needs: [],
    requires: needs,
    after,
    inputs: [],
    outputs: [],
    depfile: undefined,
    argv: ['true'],
    undoes: [],
  }
}

const limits: Limits = { jobs: 2, keepGoing: false, pools: {} }

/** Drives a scheduler; orders are told as `run a`. */
export class Play {
  readonly scheduler: Scheduler

  constructor(options: Partial<Limits> = {}) {
    this.scheduler = new Scheduler({ ...limits, ...options })
  }

  want(...nodes: readonly Node[]): readonly string[] {
    return this.tell({ type: 'want', nodes })
  }

  checked(node: Node, verdict: CheckVerdict = 'stale'): readonly string[] {
    return this.tell({ type: 'checked', node, verdict })
  }

  ran(node: Node, outcome: 'done' | 'skipped' | 'failed' | 'stopped' = 'done'): readonly string[] {
    return this.tell({ type: 'ran', node, outcome })
  }

  started(node: Node, outcome: 'ready' | 'failed' = 'ready'): readonly string[] {
    return this.tell({ type: 'started', node, outcome })
  }

  ended(node: Node): readonly string[] {
    return this.tell({ type: 'ended', node })
  }

  tell(signal: Signal): readonly string[] {
    return this.scheduler.next(signal).map(words)
  }
}

function words(order: Order): string {
  const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name).join(' and ')
  const { type, node } = order
  if (type === 'blocked') return `blocked ${node.name} by ${order.by.name}`
  if (type === 'start') return `start ${node.name} for ${names(order.for)}`
  return type === 'lost' ? `lost ${node.name} with ${names(order.users)}` : `${type} ${node.name}`
}
