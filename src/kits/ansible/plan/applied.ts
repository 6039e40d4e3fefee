import * as v from 'valibot'
import type { Index, Ingredient, PlayedRole } from '../playbook/model.ts'

/** Ingredient → digest. */
export type Used = Readonly<Record<string, string>>

/** What the last good apply of each part used on one host: the note `applied/<host>`. */
export interface Applied {
  /** Which machine it was done to: another one has nothing of it. */
  readonly machine: string
  /** What counts for every role. */
  readonly shared: Used
  readonly roles: Readonly<Record<string, Used>>
  /** Roles of which something was begun and did not end well, or that were due while the host was down: why. `everyRole`: the whole playbook. */
  readonly owed: Readonly<Record<string, string>>
}

/** Stands for all roles, and what the playbook does beside them. */
export const everyRole = '*'

const used = v.record(v.string(), v.string())
const shape = v.object({
  machine: v.string(),
  shared: used,
  roles: v.record(v.string(), used),
  owed: v.record(v.string(), v.string()),
})

const prefix = 'applied/'

export function noteOf(host: string): string {
  return `${prefix}${host}`
}

/** What is noted, by host. A note of another shape is none: the host is then owed everything. */
export function appliedIn(notes: Readonly<Record<string, unknown>>): ReadonlyMap<string, Applied> {
  const found = new Map<string, Applied>()
  for (const [key, note] of Object.entries(notes)) {
    const parsed = v.safeParse(shape, note)
    if (key.startsWith(prefix) && parsed.success) found.set(key.slice(prefix.length), parsed.output)
  }
  return found
}

/** The hosts that a note stands for, whatever it says. */
export function notedHosts(notes: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(notes).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []))
}

/** What a role uses on a host now. */
export function usedBy(role: PlayedRole, host: string): Used {
  return usedOf(role.ingredients.filter(({ hosts }) => hosts === undefined || hosts.includes(host)))
}

export function sharedIn({ shared }: Index, host: string): Used {
  return usedOf(shared.filter(({ hosts }) => hosts === undefined || hosts.includes(host)))
}

/** 64 bits of each digest: the notes are read at every start, and nobody forges them. */
function usedOf(ingredients: readonly Ingredient[]): Used {
  return Object.fromEntries(ingredients.map(({ name, hash }) => [name, hash.slice(0, 16)]))
}
