import type { Graph, Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { type Alarm, firstOf } from './alarm.ts'
import { type DriftSetting, lookForDrift } from './drift.ts'
import type { Memory } from './memory.ts'
import type { Project } from './project.ts'
import type { RunResult } from './run.ts'
import type { Wishes } from './wishes.ts'

interface Around {
  readonly alarm: Alarm
  readonly wishes: Wishes
  readonly memory: Memory
}

type Looking = Pick<DriftSetting, 'writer' | 'stop'> & { readonly project: Project }

/** What a watch still has to look at, since a run did only a part, and what it has to heal. Names: nodes change with the config. */
export class Looks {
  private readonly owed = new Set<string>()
  private drifted: readonly string[] = []
  private healing: readonly string[] = []
  /** What a look that somebody asked for found. */
  private seen: readonly string[] = []
  private readonly around: Around

  constructor(around: Around) {
    this.around = around
  }

  /** What is to be run because it drifted, once. */
  takeDrifted(graph: Graph): readonly Node[] {
    this.healing = this.drifted
    this.drifted = []
    return this.healing.flatMap((name) => graph.byName.get(name) ?? [])
  }

  /** What the person was told that all of it would be run. */
  takeSeen(graph: Graph): readonly Node[] {
    const { seen } = this
    this.seen = []
    return seen.flatMap((name) => graph.byName.get(name) ?? [])
  }

  /** Answers what was healed. */
  ran({ parts = new Map() }: RunResult): readonly Node[] {
    for (const [node, isPart] of parts) {
      if (isPart && node.definition.effect?.drift) this.owed.add(node.name)
      else this.owed.delete(node.name)
    }
    return [...parts.keys()].filter(({ name }) => this.healing.includes(name))
  }

  /** Those to be looked at when nothing happens. What waits for an answer must not be run before that, not for healing either. */
  owing(graph: Graph, targets: readonly Node[]): readonly Node[] {
    return watchable(graph, targets).filter((node) => this.owed.has(node.name) && !this.around.memory.isAsked(node))
  }

  /** Looks at those that owe it. True: something is to be healed. */
  async atLeisure(looking: Looking, nodes: readonly Node[]): Promise<boolean> {
    const found = await this.look(looking, nodes, true)
    if (!found) return false
    for (const { name } of nodes) this.owed.delete(name)
    this.drifted = found.map(({ name }) => name)
    return found.length > 0
  }

  /** Looks at all, since the person wants to know. */
  async asked(looking: Looking, targets: readonly Node[]): Promise<void> {
    const { emit, ports, graph } = looking.project
    const nodes = watchable(graph, targets)
    if (nodes.length === 0) {
      const text = 'no effect that is watched says how to look deeper'
      return emit({ type: 'notice', at: ports.clock.now(), level: 'info', text })
    }
    const found = await this.look(looking, nodes, false)
    if (found) this.seen = found.map(({ name }) => name)
    else this.around.wishes.check = true
  }

  /** Undefined: something else goes first. */
  private async look(looking: Looking, nodes: readonly Node[], heals: boolean): Promise<readonly Node[] | undefined> {
    const { project, stop, writer } = looking
    const over = new AbortController()
    const busy = new AbortController()
    void this.untilBusy(AbortSignal.any([stop.signal, over.signal])).then(() => busy.abort())
    const signal = AbortSignal.any([stop.signal, busy.signal])
    const found = await lookForDrift(project, nodes, { writer, heals, stop: { ...stop, signal } })
    over.abort()
    if (!this.isBusy) return found
    const text = 'the look at the world is stopped: something else goes first, then it is looked at again'
    project.emit({ type: 'notice', at: project.ports.clock.now(), level: 'info', text })
    return undefined
  }

  private get isBusy(): boolean {
    const { alarm, wishes } = this.around
    return wishes.isOver || wishes.wantsRun || (alarm.hasRung && !wishes.paused)
  }

  private async untilBusy(signal: AbortSignal): Promise<void> {
    const { alarm, wishes } = this.around
    while (!this.isBusy && !signal.aborted) {
      await firstOf(signal, [(over) => alarm.next(over), (over) => wishes.next(over)])
    }
  }
}

/** The effects that say how to look deeper. */
function watchable(graph: Graph, targets: readonly Node[]): readonly Node[] {
  return closure(graph, targets, 'needs and after').filter(({ definition }) => definition.effect?.drift !== undefined)
}
