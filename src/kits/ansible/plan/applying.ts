import { setTimeout as sleep } from 'node:timers/promises'
import { type LakituError, listing } from 'lakitu'
import { unreachableError } from '../errors.ts'
import type { Changed } from '../follow.ts'
import { ping } from '../ping.ts'
import type { Index } from '../playbook/model.ts'
import { type Played, play } from '../run.ts'
import { unhealthyAfter } from './errors.ts'
import { foldersOf } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { everything, on, reach, scopeOf, without } from './narrow.ts'
import type { ApplyContext, ApplyOptions } from './options.ts'
import type { Due, Plan } from './plan.ts'
import { type Seen, touchedSince } from './sources.ts'
import { noteAgents } from './unlike.ts'

interface Parts {
  readonly ctx: ApplyContext
  readonly options: ApplyOptions
  readonly index: Index
  readonly seen: Seen
  readonly ledger: Ledger
  /** Hosts that cannot be reached. */
  readonly absent: readonly string[]
}

/** One apply, from what is owed to what is noted as done. */
export class Applying {
  private readonly parts: Parts
  private readonly changes: Changed[] = []
  private readonly lost: string[] = []
  private wasEverything = false

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Answers the hosts that were lost on the way; they are owed what they did not get. */
  async run(plan: Plan): Promise<readonly string[]> {
    const { ctx, options } = this.parts
    // A host that has just started may greet and still let nobody in.
    if (plan.kind === 'full') await ping(ctx, { ...options, limit: plan.hosts })
    await this.attempt({ ...plan, dues: reach(plan, this.parts.index) })
    if (!this.wasEverything) ctx.ranPart()
    return this.lost
  }

  private async attempt(plan: Plan): Promise<void> {
    const { told, error } = await this.play(plan)
    // Also where the playbook says ignore_unreachable: such a host did not get its share.
    const gone = told.failures.filter(({ kind }) => kind === 'unreachable')
    const lost = [...new Set(gone.map(({ host }) => host))]
    if (lost.length > 0) return this.goOnWithout(plan, lost, error ?? unreachableError(gone))
    if (error && !told.failures.some(({ unhealthy }) => unhealthy)) throw await this.failed(plan.dues, error)
    const wrong = error ? [error.message] : await this.problems()
    if (wrong.length === 0) await this.done(plan.dues)
    else await this.retry(wrong, error)
  }

  /** The whole playbook, once: a part may have been too small, or agents may have waited for each other. */
  private async retry(wrong: readonly string[], cause: LakituError | undefined): Promise<void> {
    const { ctx, index, absent } = this.parts
    const all = everything(index, [...absent, ...this.lost])
    ctx.warn(`${listing(wrong)}: once more with the whole playbook`)
    const { error } = await this.play(all)
    const still = error ? [error.message] : await this.problems()
    if (still.length > 0) throw await this.failed(all.dues, unhealthyAfter(still, this.changes, error ?? cause))
    await this.done(all.dues)
  }

  /** A host that dies in the middle ends the run of the others, too: they go on without it. */
  private async goOnWithout(plan: Plan, lost: readonly string[], error: LakituError): Promise<void> {
    const { ctx, index, ledger } = this.parts
    await ledger.owe(on(plan.dues, lost), 'was due while the host was down')
    const rest = without(plan, lost)
    if (rest.dues.length === 0 || index.needsAllHosts.length > 0) throw await this.failed(rest.dues, error)
    ctx.warn(`${listing(lost)} stopped answering: the others go on`)
    this.lost.push(...lost)
    await this.attempt(rest)
  }

  private async play(plan: Plan): Promise<Played> {
    const { ctx, options, ledger } = this.parts
    await ledger.owe(plan.dues, 'was begun and did not end')
    this.wasEverything = plan.kind === 'full' && !plan.limited
    // Diffs cost only where something changes, and an error tells them.
    const played = await play(ctx, { ...options, ...scopeOf(plan), diff: true })
    this.changes.push(...played.told.changes)
    return played
  }

  private async done(dues: readonly Due[]): Promise<void> {
    const { ctx, options, index, seen, ledger } = this.parts
    await ledger.settle(dues, index, await touchedSince(ctx.root, foldersOf(options), seen))
    await this.noteAgents(dues)
  }

  /** Also after a failure: what was restarted is then not taken for what somebody else did. */
  private async noteAgents(dues: readonly Due[]): Promise<void> {
    const { ctx, options } = this.parts
    const hosts = dues.map(({ host }) => host)
    if (options.agents) await noteAgents(ctx, await options.agents(), hosts)
  }

  private async failed(dues: readonly Due[], error: LakituError): Promise<LakituError> {
    await this.parts.ledger.owe(dues, 'did not end well the last time')
    await this.noteAgents(dues)
    return error
  }

  /** What is still wrong after 12 s: some facts trail a restart. */
  private async problems(): Promise<readonly string[]> {
    const { ctx, options, absent } = this.parts
    const deadline = performance.now() + 12_000
    for (;;) {
      const all = (await options.unhealthy?.(ctx.signal)) ?? []
      const there = all.filter(({ host }) => !absent.includes(host) && !this.lost.includes(host))
      const found = there.map(({ what }) => what)
      if (found.length === 0 || performance.now() > deadline) return found
      await sleep(250, undefined, { signal: ctx.signal })
    }
  }
}
