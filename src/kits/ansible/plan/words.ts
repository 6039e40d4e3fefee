import { listing } from 'lakitu'
import type { Sources } from '../playbook/model.ts'
import type { Because, Due, Plan } from './plan.ts'

/** Where the two folders are, relative to the project's root. */
export type Folders = Readonly<Record<keyof Sources, string>>

/** What the run is, in one line. */
export function planText(plan: Plan): string {
  if (plan.kind === 'nothing') return 'nothing to apply: what differs, no role uses'
  const what = plan.kind === 'full' ? 'the whole playbook' : plan.tags.join(', ')
  return `${what} on ${listing(plan.hosts)}`
}

/** A line for each reason, hosts of one reason together: `ansible/roles/consul/templates/consul.hcl → role consul, config, on lakitu spiney1 spiney2`. */
export function reasonLines({ dues }: Plan, folders: Folders): readonly string[] {
  const hostsBy = new Map<string, string[]>()
  for (const due of dues) {
    for (const line of new Set(due.because.map((because) => lineOf(because, due, folders)))) {
      hostsBy.set(line, [...(hostsBy.get(line) ?? []), due.host])
    }
  }
  return [...hostsBy].map(([line, hosts]) => line.replace(hostsHere, hosts.join(' ')))
}

const hostsHere = '\u0000'

function lineOf(because: Because, due: Due, folders: Folders): string {
  const on = `, on ${hostsHere}`
  switch (because.kind) {
    case 'edit': {
      const { ingredient, role } = because
      const place = placeOf(ingredient.name, folders)
      return `${place} → ${due.everything ? whole : part(role, ingredient.tags)}${on}`
    }
    case 'gone': {
      const isFile = !because.name.includes('#')
      const what = isFile || due.everything ? whole : part(because.role, undefined)
      return `${placeOf(because.name, folders)} is gone → ${what}${on}`
    }
    case 'shared':
      return `${placeOf(because.name, folders)}${because.change === 'removed' ? ' is gone' : ''} → ${whole}${on}`
    case 'owed':
      return `role ${because.role} ${because.why} → ${due.everything ? whole : part(because.role, undefined)}${on}`
    case 'host':
      return `${hostsHere} ${because.why} → ${whole}`
    case 'all':
      return `${because.why} → ${whole}${on}`
  }
}

const whole = 'the whole playbook'

/** `role consul, config`: of a tag `consul:config` the role is said already. */
function part(role: string, tags: readonly string[] | undefined): string {
  const sections = (tags ?? []).map((tag) => (tag.startsWith(`${role}:`) ? tag.slice(role.length + 1) : tag))
  return [`role ${role}`, ...sections].join(', ')
}

/** `ansible:roles/x/defaults/main.yml#port` as `port in ansible/roles/x/defaults/main.yml`. */
export function placeOf(name: string, folders: Folders): string {
  const [, of, rest = name] = /^(playbook|inventory):(.*)$/s.exec(name) ?? []
  const [file = '', variable] = rest.split('#')
  const path = of === 'playbook' || of === 'inventory' ? `${folders[of]}/${file}` : file
  return variable === undefined ? path : `${variable} in ${path}`
}
