import { cases } from './cases.ts'

/** Whether all of the proof is run (LAKITU_PROOF=all), and not just the chosen part. */
export const all = process.env['LAKITU_PROOF'] === 'all'

/** What the plan of a case is: `full`, tags, `nothing`. Of others only what is left on the hosts counts. */
export const plans: Readonly<Record<string, string>> = {
  'a component in cluster.ts': 'full',
  'ansible.cfg, value': 'full',
  'library/agent.py, value': 'full',
  'playbook.yml, value': 'full',
  'base/tasks/main.yml, comment': 'nothing',
  'base/tasks/main.yml, value': 'role:base',
  'cni/defaults/main.yml, comment': 'nothing',
  'cni/defaults/main.yml, value': 'role:cni',
  'consul/defaults/main.yml, comment': 'nothing',
  'consul/defaults/main.yml, value': 'role:consul',
  'consul/tasks/main.yml, comment': 'nothing',
  'consul/tasks/main.yml, value': 'role:consul',
  'consul/templates/consul.hcl, comment': 'consul:file:consul.hcl',
  'consul/templates/consul.hcl, value': 'consul:file:consul.hcl',
  'consul/templates/consul.service, comment': 'consul:file:consul.service',
  'consul/templates/consul.service, value': 'consul:file:consul.service',
  'nomad/templates/nomad.hcl, value': 'nomad:file:nomad.hcl',
  'nomad/templates/nomad.service, value': 'nomad:file:nomad.service',
  'notes/files/motd, value': 'notes:service',
  'notes/handlers/main.yml, comment': 'nothing',
  'notes/handlers/main.yml, value': 'role:notes',
  'notes/templates/note.txt, value': 'notes:config',
  'a new list item': 'role:notes',
  'a removed list item': 'role:notes',
  'a variable that two roles read': 'notes:config, role:base',
  'another role comes to read a default': 'role:base',
  'a handler': 'role:notes',
  'a template that calls it': 'notes:config',
  'a rename': 'full',
  'a deletion': 'full',
  'a role that leaves the playbook': 'full',
  'all back to how it began': 'full',
}

/** What of one group has to do with different roles cannot hide each other's faults, and shares a check. */
const chosen: readonly (readonly string[])[] = [
  ['consul/templates/consul.hcl, value', 'nomad/templates/nomad.hcl, value', 'notes/templates/note.txt, value'],
  ['consul/templates/consul.service, value', 'a new list item'],
  ['consul/defaults/main.yml, value', 'a removed list item'],
  ['consul/tasks/main.yml, value', 'a variable that two roles read', 'a new file that nobody uses'],
  ['consul/tasks/main.yml, comment', 'a rename'],
]

/** Names of cases: the most telling ones, or all of them. */
export function groups(): readonly { readonly title: string; readonly names: readonly string[] }[] {
  return (all ? everyGroup() : chosen).map((names) => ({ title: names.join(' + '), names }))
}

/** One of each role to a group, in their order; what may be everything is alone. */
function everyGroup(): readonly (readonly string[])[] {
  const found: { names: string[]; roles: Set<string> }[] = []
  for (const { name, of } of cases) {
    const last = found.findLastIndex(({ roles }) => roles.has(of) || roles.has('all'))
    const free = of === 'all' ? undefined : found[last + 1]
    if (free) {
      free.names.push(name)
      free.roles.add(of)
    } else found.push({ names: [name], roles: new Set([of]) })
  }
  return found.map(({ names }) => names)
}
