import type { Index, Ingredient, PlayedRole } from '../playbook/model.ts'
import { type Applied, everyRole, sharedIn, type Used, usedBy } from './applied.ts'

/** Why something is applied. */
export type Because =
  /** An ingredient of a role that differs from what was applied. */
  | {
      readonly kind: 'edit'
      readonly change: 'added' | 'changed'
      readonly ingredient: Ingredient
      readonly role: string
    }
  /** An ingredient that is gone: a file, or a variable. */
  | { readonly kind: 'gone'; readonly name: string; readonly role: string }
  /** Something that counts for every role. */
  | { readonly kind: 'shared'; readonly name: string; readonly change: 'added' | 'changed' | 'removed' }
  | { readonly kind: 'owed'; readonly role: string; readonly why: string }
  /** The whole host: it was never applied, was made anew, is not as it was left. */
  | { readonly kind: 'host'; readonly why: string }
  /** The whole playbook: it was asked for, or only that is safe. */
  | { readonly kind: 'all'; readonly why: string }

/** What one host is owed: roles, each whole or by tags, or everything. */
export interface Due {
  readonly host: string
  readonly everything: boolean
  /** Role → tags; undefined: the whole role. */
  readonly roles: ReadonlyMap<string, readonly string[] | undefined>
  readonly because: readonly Because[]
}

/** The smallest safe run. */
export interface Plan {
  readonly kind: 'nothing' | 'part' | 'full'
  /** Whom the run is for; all that play where it cannot be limited. */
  readonly hosts: readonly string[]
  /** Whether that is fewer than the inventory has. */
  readonly limited: boolean
  /** Of a part: what selects it, sorted. */
  readonly tags: readonly string[]
  readonly dues: readonly Due[]
}

export interface Known {
  readonly index: Index
  readonly applied: ReadonlyMap<string, Applied>
  /** Identity of each machine that is there. */
  readonly machines: Readonly<Record<string, string>>
  /** Why the whole playbook must run, if something beyond the sources wants it. */
  readonly wholly?: string | undefined
  /** Hosts whose agents are not as they were left, and how. */
  readonly unlike?: Readonly<Record<string, string>>
  /** Hosts that cannot be reached: nothing is planned for them, and what they have is compared when they are back. */
  readonly absent?: readonly string[]
}

/** More changed files than these are somebody else's work: then nobody wants to read them one by one, and the whole is as fast. */
const mostFiles = 20

/**
 * From what was applied to what is to be: a part only where every difference is understood, else everything. Pure. A run that ends well brings every
 * due of the plan up to date, so that a plan right after it is `nothing`.
 */
export function planOf(known: Known): Plan {
  const { index, absent = [] } = known
  const there = index.hosts.filter((host) => !absent.includes(host))
  const all = there.map((host) => dueOf(known, host))
  const dues = wide(index, all.filter(isDue))
  if (dues.length === 0) return { kind: 'nothing', hosts: [], limited: false, tags: [], dues }
  const hosts = hostsOf(index, there, dues)
  const limited = hosts.length < index.hosts.length
  if (dues.some(({ everything }) => everything)) return { kind: 'full', hosts, limited, tags: [], dues }
  return { kind: 'part', hosts, limited, tags: tagsOf(index, dues), dues }
}

function isDue({ everything, roles }: Due): boolean {
  return everything || roles.size > 0
}

/** Everything for all that are due, where a part is not safe. */
function wide(index: Index, dues: readonly Due[]): readonly Due[] {
  const [unclear] = index.needsAll
  if (!unclear || dues.every(({ everything }) => everything)) return dues
  const why = `${unclear.what} (${unclear.file}:${unclear.line})`
  return dues.map((due) => ({ ...due, everything: true, because: [...due.because, { kind: 'all', why }] }))
}

function hostsOf(index: Index, there: readonly string[], dues: readonly Due[]): readonly string[] {
  const due = new Set(dues.map(({ host }) => host))
  return index.needsAllHosts.length > 0 ? there : there.filter((host) => due.has(host))
}

function tagsOf({ roles }: Index, dues: readonly Due[]): readonly string[] {
  const tags = dues.flatMap((due) => {
    return [...due.roles].flatMap(([name, some]) => some ?? roles.find((role) => role.name === name)?.tag ?? [])
  })
  return [...new Set(tags)].sort()
}

function dueOf(known: Known, host: string): Due {
  const { index, applied, machines, wholly, unlike = {} } = known
  const before = applied.get(host)
  const everything = (because: readonly Because[]): Due => ({ host, everything: true, roles: new Map(), because })
  if (wholly !== undefined) return everything([{ kind: 'all', why: wholly }])
  if (!before) return everything([{ kind: 'host', why: 'was never applied' }])
  if (before.machine !== machines[host]) return everything([{ kind: 'host', why: 'was made anew' }])
  const why = unlike[host]
  if (why !== undefined) return everything([{ kind: 'host', why }])
  const shared = sharedDifferences(before.shared, sharedIn(index, host))
  const own = index.roles.filter(({ hosts }) => hosts.includes(host)).map((role) => roleDue(role, host, before))
  const because = [...owedWholly(before), ...shared, ...own.flatMap((due) => due.because)]
  const whole =
    before.owed[everyRole] !== undefined ||
    shared.length > 0 ||
    own.some((due) => due.everything) ||
    filesIn(because).size > mostFiles
  if (whole) return everything(because)
  const roles = own.flatMap(({ role, tags, because: some }) => (some.length > 0 ? [[role.name, tags] as const] : []))
  return { host, everything: false, roles: new Map(roles), because }
}

function owedWholly({ owed }: Applied): readonly Because[] {
  const why = owed[everyRole]
  return why === undefined ? [] : [{ kind: 'host', why }]
}

function filesIn(because: readonly Because[]): ReadonlySet<string> {
  return new Set(because.flatMap((one) => (one.kind === 'edit' ? [one.ingredient.file] : [])))
}

function sharedDifferences(before: Used, now: Used): readonly Because[] {
  return differences(before, now).map(({ name, change }) => ({ kind: 'shared', name, change }))
}

interface RoleDue {
  readonly role: PlayedRole
  readonly everything: boolean
  readonly tags: readonly string[] | undefined
  readonly because: readonly Because[]
}

function roleDue(role: PlayedRole, host: string, { roles, owed }: Applied): RoleDue {
  const before = roles[role.name]
  if (!before && owed[role.name] === undefined) {
    return { role, everything: true, tags: undefined, because: [{ kind: 'owed', role: role.name, why: 'is new' }] }
  }
  // Of what was never applied everything would be new: that it is owed says more.
  const changes = before ? differences(before, usedBy(role, host)) : []
  const byName = new Map(role.ingredients.map((ingredient) => [ingredient.name, ingredient]))
  const because = changes.flatMap(({ name, change }) => becauseOf(role, byName.get(name), { name, change }))
  const why = owed[role.name]
  const owes: readonly Because[] = why === undefined ? [] : [{ kind: 'owed', role: role.name, why }]
  const tags = why === undefined ? unionOf(because) : undefined
  const all = [...owes, ...because]
  const cannotRunAlone = role.tag === undefined && all.length > 0
  return { role, everything: because.some(isWhole) || cannotRunAlone, tags, because: all }
}

function becauseOf(
  role: PlayedRole,
  ingredient: Ingredient | undefined,
  { name, change }: Difference,
): readonly Because[] {
  if (!ingredient || change === 'removed') return [{ kind: 'gone', name, role: role.name }]
  return [{ kind: 'edit', change, ingredient, role: role.name }]
}

/** A file that went may have left something on the hosts that only the whole playbook clears away. */
function isWhole(because: Because): boolean {
  return because.kind === 'gone' && !because.name.includes('#')
}

/** Undefined: the whole role. */
function unionOf(because: readonly Because[]): readonly string[] | undefined {
  const tags = because.map((one) => (one.kind === 'edit' ? one.ingredient.tags : undefined))
  if (tags.some((some) => some === undefined)) return undefined
  return [...new Set(tags.flatMap((some) => some ?? []))].sort()
}

interface Difference {
  readonly name: string
  readonly change: 'added' | 'changed' | 'removed'
}

function differences(before: Used, now: Used): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
  return names.flatMap((name): readonly Difference[] => {
    if (before[name] === now[name]) return []
    const change = before[name] === undefined ? 'added' : now[name] === undefined ? 'removed' : 'changed'
    return [{ name, change }]
  })
}
