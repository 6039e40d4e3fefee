import { type Node, servicesOf } from '../graph/graph.ts'
import { reportOf } from '../model/error.ts'
import type { Facts, FactValue, Fingerprint } from '../model/facts.ts'
import { type Beginning, Life } from './service-life.ts'

/** Told of a service that was ready and ended by itself. */
type Listener = (life: Life) => void

/**
 * The services that run in this process, by name: of one run, or of all runs of a watch, whose config may change. What needs another
 * one ends before it.
 */
export class Services {
  private readonly lives = new Map<string, Life>()
  private listener: Listener | undefined

  /** Until what it answers is called; a watch at rest listens to nothing. */
  listen(listener: Listener): () => void {
    this.listener = listener
    return () => {
      this.listener = undefined
    }
  }

  /** `up`: it is ready, with these facts, and what it needs is ready too; `stale`: it is ready, but not so. */
  verdict(node: Node, fingerprint: Fingerprint): 'up' | 'stale' | 'idle' {
    const life = this.lives.get(node.name)
    if (life?.state.kind !== 'ready') return 'idle'
    const isSame = life.beginning.fingerprint === fingerprint
    return isSame && servicesOf(node).every((need) => this.isReady(need)) ? 'up' : 'stale'
  }

  /** Undefined where it is not ready. */
  value({ name }: Node): FactValue | undefined {
    const state = this.lives.get(name)?.state
    return state?.kind === 'ready' ? state.value : undefined
  }

  /** With which it was started; undefined where it does not run. */
  facts({ name }: Node): Facts | undefined {
    return this.lives.get(name)?.beginning.now.facts
  }

  /**
   * In place of the one that runs, if there is one. Resolves when it is ready, or gone again; with undefined where it is wanted no
   * more by the time that the old one is gone.
   */
  async start(beginning: Beginning, isWanted: () => boolean): Promise<Life | undefined> {
    const { name } = beginning.node
    await this.stop((other) => other === name)
    if (!isWanted()) return undefined
    const life = new Life(beginning)
    this.lives.set(name, life)
    void life.ended.then(() => this.forget(life))
    await life.beReady()
    return life
  }

  /** Those that are meant, and what needs them before these; default all. Resolves when they are gone. */
  async stop(isMeant: (name: string) => boolean = () => true): Promise<void> {
    const stopping = new Map<Life, Promise<void>>()
    const stop = (life: Life): Promise<void> => {
      const begun = stopping.get(life)
      if (begun) return begun
      const { name } = life.beginning.node
      const users = [...this.lives.values()].filter((user) => {
        return servicesOf(user.beginning.node).some((need) => need.name === name)
      })
      const gone = Promise.all(users.map(stop)).then(() => life.stop())
      stopping.set(life, gone)
      return gone
    }
    const meant = [...this.lives].flatMap(([name, life]) => (isMeant(name) ? [life] : []))
    await Promise.all(meant.map(stop))
  }

  /** Those that did not become ready. */
  async stopUnready(): Promise<void> {
    await this.stop((name) => this.lives.get(name)?.state.kind !== 'ready')
  }

  private isReady({ name }: Node): boolean {
    return this.lives.get(name)?.state.kind === 'ready'
  }

  private forget(life: Life): void {
    const { node, project } = life.beginning
    if (this.lives.get(node.name) === life) this.lives.delete(node.name)
    const { state } = life
    if (state.kind !== 'ended' || !state.wasReady || state.how.by === 'lakitu') return
    if (this.listener) {
      this.listener(life)
      return
    }
    const how = state.how.fault === undefined ? '' : ` (${reportOf(state.how.fault).headline})`
    const text = `it ended by itself${how}, and is started again when something needs it`
    project.emit({ type: 'notice', at: project.ports.clock.now(), level: 'warning', task: node.name, text })
  }
}
