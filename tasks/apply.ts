import { effect, files, listing, task } from 'lakitu'
import {
  apply as applyPlaybook,
  closeConnections,
  drift,
  explain,
  forgetApplied,
  ping as pingHosts,
} from 'lakitu/kits/ansible'
import { purgeGhosts } from 'lakitu/kits/nomad'
import { cluster } from '../cluster.ts'
import { askAgents, silent, unhealthy } from './agents.ts'
import { hostsOf } from './hosts.ts'
import { inventory } from './inventory.ts'
import { vmUp } from './machines.ts'
import { ansibleInstall } from './tools.ts'

export const ping = task('ping', {
  about: 'Whether every host answers Ansible',
  always: true,
  needs: { vmUp, inventory, ansibleInstall },
  run: (ctx) => pingHosts(ctx),
})

export const apply = effect('apply', {
  about: 'All that ansible/ says, on every host',
  needs: { vmUp, inventory, ansibleInstall },
  inputs: { roles: files('ansible/**', '!ansible/requirements.*'), hosts: cluster.pick(hostsOf) },
  pools: ['ansible'],
  converges: true,
  // An edit of cluster.ts may mean another machine or version.
  asks: ({ path }) => path[1] === 'inventory' || path[1] === 'hosts',
  probe: async ({ inputs, needs, signal }) => {
    const agents = await askAgents(inputs.hosts, { components: needs.inventory.components, signal })
    const missing = silent(agents)
    if (missing.length > 0) throw new Error(`no answer from ${listing(missing)}`)
    return agents
  },
  explain: async ({ root, recorded, needs, file }) => {
    return explain({ root, recorded, ...(file === undefined ? {} : { file }) }, { machines: needs.vmUp })
  },
  drift: (ctx) => drift(ctx),
  run: async (ctx) => {
    const { inputs, needs, signal } = ctx
    const { components, connections } = needs.inventory
    const agents = () => askAgents(inputs.hosts, { components, signal })
    await applyPlaybook(ctx, {
      machines: needs.vmUp,
      connections,
      agents,
      unhealthy: async () => unhealthy(await agents()),
      planned: [['inputs'], ['needs', 'vmUp'], ['needs', 'inventory']],
    })
    if (!components.includes('nomad')) return
    const { servers, clients } = inputs.hosts
    const ghosts = await purgeGhosts(servers, clients, signal)
    if (ghosts.length > 0)
      ctx.log(`took ${listing(ghosts.map(({ name }) => name))} of before off Nomad's list of nodes`)
  },
  // What was applied goes with the machines; the ssh connections to them would stay.
  undo: async (ctx) => {
    await closeConnections(ctx)
    await forgetApplied(ctx)
  },
})
