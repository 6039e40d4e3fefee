import { fingerprintOf } from '../fingerprint/leaves.ts'
import type { Node } from '../graph/graph.ts'
import type { Fingerprint } from '../model/facts.ts'
import { type Reason, reasonText } from '../model/reason.ts'
import { explain } from './explain.ts'
import { factsNow } from './facts.ts'
import type { Memory } from './memory.ts'
import type { Project } from './project.ts'
import type { Settlements } from './settled.ts'

export interface AskSetting {
  readonly project: Project
  readonly settled: Settlements
  /** Undefined outside a watch, where nobody is asked. */
  readonly memory: Memory | undefined
  readonly signal: AbortSignal
}

/** In one run of a watch: which effects are not run before somebody has seen why they would be. */
export class Asks {
  /** With which facts these may run. */
  private readonly allowed = new Map<Node, Fingerprint>()
  private readonly setting: AskSetting

  constructor(setting: AskSetting) {
    this.setting = setting
  }

  /** Whether it has to wait for an answer, which is then asked for. */
  async mustWait(node: Node, reasons: readonly Reason[]): Promise<boolean> {
    const { memory } = this.setting
    if (!memory || memory.isNew || !mayAsk(node)) return false
    const facts = await this.factsOf(node)
    if (!asks(node, reasons)) {
      this.allowed.set(node, facts)
      return false
    }
    const shown = fingerprintOf({ facts, reasons: reasons.map(reasonText) })
    if (memory.isAnswered(node, shown)) {
      this.allowed.set(node, facts)
      return false
    }
    await this.ask(memory, node, { shown, reasons })
    return true
  }

  /** Whether something is different since it was allowed to run: it may have had to wait for its turn. */
  async hasMoved(node: Node): Promise<boolean> {
    const allowed = this.allowed.get(node)
    // What cannot be read now, its run says better.
    return allowed !== undefined && allowed !== (await this.factsOf(node).catch(() => allowed))
  }

  private async factsOf(node: Node): Promise<Fingerprint> {
    const { project, settled, signal } = this.setting
    project.stats.newStamp()
    return fingerprintOf((await factsNow(project, node, settled, signal)).facts)
  }

  private async ask(memory: Memory, node: Node, { shown, reasons }: Shown): Promise<void> {
    const { project, settled, signal } = this.setting
    const how = memory.hasKeys ? 'Enter runs it' : `to do it, run lakitu ${node.name}`
    if (memory.asked(node, shown)) return this.tell(node, `still waits: ${how}`)
    const lines = [...reasons.map(reasonText), ...(await explain(project, node, { settled, signal }))]
    this.tell(node, [`would run, and waits for an answer: ${how}`, ...lines].join('\n'))
  }

  private tell({ name }: Node, text: string): void {
    const { emit, ports } = this.setting.project
    emit({ type: 'notice', at: ports.clock.now(), level: 'info', task: name, text })
  }
}

interface Shown {
  readonly shown: Fingerprint
  readonly reasons: readonly Reason[]
}

function mayAsk({ definition: { effect } }: Node): boolean {
  return effect !== undefined && effect.asks !== false
}

/** What was asked for, nobody has to be asked about. */
function asks({ definition }: Node, reasons: readonly Reason[]): boolean {
  const { asks: decides = false } = definition.effect ?? {}
  if (typeof decides === 'boolean') return decides && !reasons.some(({ kind }) => kind === 'forced')
  return reasons.some((reason) => reason.kind === 'fact' && decides({ path: reason.path, change: reason.change }))
}
