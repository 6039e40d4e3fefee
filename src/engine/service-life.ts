import { randomUUID } from 'node:crypto'
import type { Node } from '../graph/graph.ts'
import type { FactValue, Fingerprint } from '../model/facts.ts'
import { noHistory } from '../model/record.ts'
import { logPath, TaskLog } from '../state/logs.ts'
import { endingAll } from './begun.ts'
import { type Attempt, contextFor } from './context.ts'
import type { FactsNow } from './facts.ts'
import { ask } from './probe.ts'
import type { Project } from './project.ts'
import { endedEarly, notReady, readsByItself } from './service-errors.ts'

/**
 * How far a service is; each state has its own fields and no others:
 *
 *        it is started            its probe answers a value
 *              │                              │
 *              ▼                              ▼
 *        ┌──────────┐                    ┌─────────┐
 *        │ starting ├───────────────────▶│  ready  │
 *        └──┬────┬──┘                    └──┬───┬──┘
 *           │    │ its time is over, stop   │   │
 *           │    └────────────┐   stop ┌────┘   │
 *    it ends│                 ▼        ▼        │it ends
 *  by itself│               ┌────────────┐      │by itself
 *           │               │  stopping  │      │
 *           │               └─────┬──────┘      │
 *           │                     │ it ends     │
 *           ▼                     ▼             ▼
 *        ┌────────────────────────────────────────┐
 *        │                 ended                  │
 *        └────────────────────────────────────────┘
 */
export type LifeState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly value: FactValue }
  /** `why`: the fault for which it is stopped, if there is one. */
  | { readonly kind: 'stopping'; readonly wasReady: boolean; readonly why: unknown }
  | { readonly kind: 'ended'; readonly how: End; readonly wasReady: boolean }

/** `fault`: what is wrong with that end, if anything is. */
type End = { readonly by: 'lakitu' | 'itself'; readonly fault: unknown }

/** A service that is to be started, its needs ready. */
export interface Beginning {
  readonly project: Project
  readonly node: Node
  readonly now: FactsNow
  readonly fingerprint: Fingerprint
  readonly needs: Readonly<Record<string, unknown>>
  /** Aborted when there is no time left to stop by itself. */
  readonly hurry: AbortSignal
}

/** How often it is asked whether it is ready, in ms. */
const askEvery = 100

/** A service from its start to its end, once. Rejects nowhere: what goes wrong is in its state. */
export class Life {
  readonly beginning: Beginning
  readonly log: TaskLog
  readonly ended: Promise<void>
  private now: LifeState = { kind: 'starting' }
  private readonly began: number
  private readonly quit = new AbortController()

  constructor(beginning: Beginning) {
    const { ports, state, secrets } = beginning.project
    this.beginning = beginning
    this.began = ports.clock.ticks()
    this.log = new TaskLog(ports.disk, logPath(state.cache, beginning.node.name), (line) => secrets.mask(line))
    this.ended = this.run().then(
      () => this.end(undefined),
      (error: unknown) => this.end(error),
    )
  }

  get state(): LifeState {
    return this.now
  }

  /** Asks its probe until it is ready, has ended or was stopped; in the latter two cases when its program is gone. */
  async beReady(): Promise<void> {
    const { node, project } = this.beginning
    const { clock } = project.ports
    const { timeout = 0 } = node.definition.service ?? {}
    while (this.now.kind === 'starting') {
      const last = await this.ask()
      if (this.now.kind !== 'starting') break
      if (clock.ticks() - this.began >= timeout) void this.stop(notReady(node, last))
      else await clock.wait(askEvery, this.quit.signal)
    }
    if (this.now.kind !== 'ready') await this.ended
  }

  /** By the ladder; resolves when it is gone. */
  stop(why?: unknown): Promise<void> {
    const { kind } = this.now
    if (kind === 'starting' || kind === 'ready') {
      this.now = { kind: 'stopping', wasReady: kind === 'ready', why }
      this.quit.abort()
    }
    return this.ended
  }

  /** Makes it ready, or answers what its probe said instead of a value. */
  private async ask(): Promise<string> {
    const { node, project, now, needs } = this.beginning
    const { service } = node.definition
    const { signal } = this.quit
    const output = this.log.tail(60).join('\n')
    try {
      const data = { inputs: now.values, needs, output }
      const seen = await ask(project, node, (given) => service?.ready({ ...given, ...data }), signal)
      if (seen.kind === 'unknown') return seen.why
      if (seen.kind === 'gone' || seen.value === null) return 'not yet'
      if (this.now.kind === 'starting') this.becomeReady(seen.value)
    } catch (error) {
      // Asked again it would say the same.
      void this.stop(error)
    }
    return ''
  }

  private becomeReady(value: FactValue): void {
    this.now = { kind: 'ready', value }
    this.tell('service-ready')
  }

  private async run(): Promise<void> {
    const { node, project, now, needs, hurry } = this.beginning
    const { action, env, cwd } = node.definition
    const { signal } = this.quit
    const about = { project, node, log: this.log, signal, hurry, mark: randomUUID() }
    const attempt: Attempt = {
      ...about,
      forced: false,
      plansAnew: false,
      partial: { yes: false },
      taken: [now.facts],
      discoveries: [],
      begun: new Set(),
    }
    const read = (path: string) => {
      throw readsByItself(node, path)
    }
    const data = { now, needs, history: noHistory, observed: undefined, read }
    const [program, ...args] = node.argv ?? []
    await endingAll(attempt, async (own) => {
      if (action.kind === 'serve') await action.run(contextFor(own, data))
      else if (program !== undefined) await contextFor(own, data).exec(program, args, { env, cwd })
    })
  }

  private end(cause: unknown): void {
    const before = this.now
    if (before.kind === 'ended') return
    const { node } = this.beginning
    const wasReady = before.kind === 'ready' || (before.kind === 'stopping' && before.wasReady)
    const how: End =
      before.kind === 'stopping'
        ? { by: 'lakitu', fault: before.why }
        : { by: 'itself', fault: before.kind === 'ready' ? cause : endedEarly(node, cause) }
    this.now = { kind: 'ended', how, wasReady }
    this.quit.abort()
    this.log.close()
    if (before.kind === 'stopping' && wasReady) this.tell('service-stopped')
  }

  private tell(type: 'service-ready' | 'service-stopped'): void {
    const { node, project } = this.beginning
    const { clock } = project.ports
    project.emit({ type, at: clock.now(), task: node.name, ms: clock.ticks() - this.began })
  }
}
