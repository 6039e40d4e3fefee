import { differences } from '../fingerprint/leaves.ts'
import type { Node } from '../graph/graph.ts'
import type { Facts } from '../model/facts.ts'
import { type Reason, reasonText } from '../model/reason.ts'
import { type Execution, execute, type StopSignals } from './execute.ts'
import { factsNow } from './facts.ts'
import type { Project } from './project.ts'
import type { Settlements } from './settled.ts'

/** Edits that come while a run is on. */
export interface Edits {
  /** Calls back whenever edits have come to rest, until what it answers is called. */
  onRest(listener: () => void): () => void
}

/** How often in a row; a task that writes its own inputs would otherwise begin anew for ever. What moves then fails it. */
const most = 3

interface Running {
  readonly facts: Facts
  readonly cancel: AbortController
  why: readonly Reason[]
}

/** Runs the tasks of one run of a watch; file tasks whose own facts change meanwhile are stopped and begun anew. */
export class Anew {
  private readonly running = new Map<Node, Running>()
  private readonly project: Project
  private readonly settled: Settlements
  private readonly stop: StopSignals
  private readonly edits: Edits | undefined

  constructor(project: Project, settled: Settlements, stop: StopSignals, edits: Edits | undefined) {
    this.project = project
    this.settled = settled
    this.stop = stop
    this.edits = edits
  }

  /** Until what it answers is called. */
  listen(): () => void {
    return this.edits?.onRest(() => void this.look()) ?? (() => {})
  }

  /** `stop`: what else than an edit stops it. */
  async execute(node: Node, reasons: readonly Reason[], stop: StopSignals): Promise<Execution> {
    const { project, settled } = this
    const { kind, rewrites } = node.definition
    // Who rewrites its inputs edits them itself.
    if (!this.edits || rewrites || (kind !== 'task' && kind !== 'effect')) {
      return execute(project, node, reasons, settled, stop)
    }
    // An effect finishes: what it does to the world half-way is worse than what it does late.
    if (kind === 'effect') return execute(project, node, reasons, settled, { ...stop, plansAnew: true })
    let because = reasons
    for (let count = 0; count < most; count += 1) {
      const { facts } = await factsNow(project, node, settled, stop.signal)
      const running: Running = { facts, cancel: new AbortController(), why: [] }
      this.running.set(node, running)
      const signal = AbortSignal.any([stop.signal, running.cancel.signal])
      const execution = await execute(project, node, because, settled, { ...stop, signal })
      this.running.delete(node)
      if (execution.outcome !== 'stopped' || stop.signal.aborted) return execution
      because = [...reasons.filter(({ kind }) => kind === 'forced'), ...running.why]
    }
    return execute(project, node, because, settled, stop)
  }

  private async look(): Promise<void> {
    this.project.stats.newStamp()
    await Promise.all([...this.running].map(([node, running]) => this.lookAt(node, running)))
  }

  private async lookAt(node: Node, running: Running): Promise<void> {
    const { project, settled, stop } = this
    // What cannot be read now, the end of the run says better.
    const now = await factsNow(project, node, settled, stop.signal).catch(() => undefined)
    if (!now || running.cancel.signal.aborted) return
    const [first, ...others] = differences(running.facts, now.facts)
    if (!first) return
    running.why = [first, ...others]
    const text = `stopped, to begin anew: ${reasonText(first)}`
    project.emit({ type: 'notice', at: project.ports.clock.now(), level: 'info', task: node.name, text })
    running.cancel.abort()
  }
}
