import type { Index } from '../playbook/model.ts'
import { type Applied, appliedIn, everyRole, notedHosts, noteOf, sharedIn, usedBy } from './applied.ts'
import type { Due } from './plan.ts'
import type { Touched } from './sources.ts'
import { agentsNote } from './unlike.ts'

/** What `ctx` gives to write notes with. */
export interface Notes {
  note(key: string, value: unknown): Promise<void>
  readonly previous: { readonly outcome: string; readonly notes: Readonly<Record<string, unknown>> } | undefined
}

/**
 * What was applied where, as notes. A role is owed from before its run until a good end: whatever cuts the run off, and whatever its sources
 * are then, the next plan has it in it.
 */
export class Ledger {
  private readonly ctx: Notes
  private readonly machines: Readonly<Record<string, string>>
  private readonly hosts: Map<string, Applied>

  constructor(ctx: Notes, machines: Readonly<Record<string, string>>) {
    this.ctx = ctx
    this.machines = machines
    const { outcome, notes } = ctx.previous ?? { outcome: 'undone', notes: {} }
    this.hosts = new Map(outcome === 'undone' ? [] : appliedIn(notes))
  }

  get applied(): ReadonlyMap<string, Applied> {
    return this.hosts
  }

  /** Drops what is noted of hosts that the inventory does not name any more. */
  async forgetOthers({ hosts }: Index): Promise<void> {
    const gone = notedHosts(this.ctx.previous?.notes ?? {}).filter((host) => !hosts.includes(host))
    for (const host of gone) await this.ctx.note(noteOf(host), null)
  }

  /** `why` completes `role consul …`. */
  async owe(dues: readonly Due[], why: string): Promise<void> {
    for (const due of dues) {
      const before = this.entryOf(due.host)
      const roles = due.everything ? [everyRole] : [...due.roles.keys()]
      const owed = { ...before.owed, ...Object.fromEntries(roles.map((role) => [role, why])) }
      await this.write(due.host, { ...before, owed })
    }
  }

  /** A good end. What somebody touched meanwhile stays owed: nobody knows which of the two was read. */
  async settle(dues: readonly Due[], index: Index, touched: Touched): Promise<void> {
    for (const due of dues) {
      const before = this.entryOf(due.host)
      const shared = sharedIn(index, due.host)
      const isTouched = (names: readonly string[]) =>
        names.some((name) => touched.files.has(fileOf(name)) || touched.roles.has(roleOf(name) ?? ''))
      const own = index.roles.filter(({ name, hosts }) => {
        return hosts.includes(due.host) && (due.everything || due.roles.has(name))
      })
      const used = Object.fromEntries(own.map((role) => [role.name, usedBy(role, due.host)]))
      const roles = due.everything ? used : { ...before.roles, ...used }
      const moved = Object.keys(used).filter((role) => isTouched(Object.keys(used[role] ?? {})))
      const isAnywhere = touched.anywhere || isTouched(Object.keys(shared))
      const again = isAnywhere ? (due.everything ? [everyRole] : Object.keys(used)) : moved
      const kept = due.everything ? [] : Object.entries(before.owed).filter(([role]) => !(role in used))
      const owed = Object.fromEntries([...kept, ...again.map((role) => [role, meanwhile] as const)])
      await this.write(due.host, { ...before, roles, owed, ...(due.everything ? { shared } : {}) })
    }
  }

  /** Nothing is known of a machine that was made anew. */
  private entryOf(host: string): Applied {
    const machine = this.machines[host] ?? ''
    const known = this.hosts.get(host)
    return known?.machine === machine ? known : { machine, shared: {}, roles: {}, owed: {} }
  }

  private async write(host: string, applied: Applied): Promise<void> {
    await this.ctx.note(noteOf(host), applied)
    this.hosts.set(host, applied)
  }
}

const meanwhile = 'was edited while it was applied'

/** The role in whose folder an ingredient lies. */
function roleOf(name: string): string | undefined {
  return /^playbook:roles\/([^/]+)\//.exec(name)?.[1]
}

/** The name of an ingredient without its variable. */
function fileOf(name: string): string {
  return name.split('#')[0] ?? name
}

/** For the undo of an effect that applies: the machines are going. */
export async function forgetApplied(ctx: {
  readonly recorded: { readonly notes: Readonly<Record<string, unknown>> }
  note(key: string, value: unknown): Promise<void>
}): Promise<void> {
  const keys = notedHosts(ctx.recorded.notes).map(noteOf)
  for (const key of [...keys, agentsNote]) if (key in ctx.recorded.notes) await ctx.note(key, null)
}
