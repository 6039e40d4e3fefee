import type { Index } from '../playbook/model.ts'
import type { PlaybookOptions } from '../run.ts'
import type { Due, Plan } from './plan.ts'

/** How much of the playbook a plan runs, as far as it is smaller than the whole. */
export function scopeOf({ kind, tags, hosts, limited }: Plan): Pick<PlaybookOptions, 'tags' | 'limit'> {
  return { ...(kind === 'part' ? { tags } : {}), ...(limited && kind !== 'nothing' ? { limit: hosts } : {}) }
}

/** What of it is due on these hosts. */
export function on(dues: readonly Due[], hosts: readonly string[]): readonly Due[] {
  return dues.filter(({ host }) => hosts.includes(host))
}

/** The same for the other hosts. */
export function without(plan: Plan, hosts: readonly string[]): Plan {
  if (hosts.length === 0) return plan
  const left = plan.hosts.filter((host) => !hosts.includes(host))
  return { ...plan, hosts: left, limited: true, dues: on(plan.dues, left) }
}

/** What a run of the plan may touch, host by host: all that its tags select, also where only another host is due that. */
export function reach({ kind, hosts, dues }: Plan, index: Index): readonly Due[] {
  const wanted = new Set(dues.flatMap(({ roles }) => [...roles.keys()]))
  const own = (host: string) => index.roles.filter((role) => wanted.has(role.name) && role.hosts.includes(host))
  return hosts.map((host): Due => {
    const because = dues.find((due) => due.host === host)?.because ?? []
    if (kind === 'full') return { host, everything: true, roles: new Map(), because }
    return { host, everything: false, roles: new Map(own(host).map(({ name }) => [name, undefined])), because }
  })
}

/** Everything, on every host but these. */
export function everything(index: Index, absent: readonly string[]): Plan {
  const hosts = index.hosts.filter((host) => !absent.includes(host))
  const dues = hosts.map((host): Due => ({ host, everything: true, roles: new Map(), because: [] }))
  return { kind: 'full', hosts, limited: hosts.length < index.hosts.length, tags: [], dues }
}
