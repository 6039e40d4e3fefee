import { effect, files, listing, task } from 'lakitu'
import { closeConnections, ping as pingHosts, playbook, scopeOf } from 'lakitu/kits/ansible'
import { consulAgents } from 'lakitu/kits/consul'
import { nomadAgents, purgeGhosts } from 'lakitu/kits/nomad'
import { cluster } from '../cluster.ts'
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
  after: [ping],
  inputs: { roles: files('ansible/**', '!ansible/requirements.*'), hosts: cluster.pick(hostsOf) },
  pools: ['ansible'],
  converges: true,
  // The agents themselves, so that a stopped one is seen at once and not when the others miss it.
  probe: async ({ inputs, needs, signal }) => {
    const { all, servers, clients } = inputs.hosts
    const [consul, nomad] = await Promise.all([
      consulAgents(all, signal),
      needs.inventory.components.includes('nomad') ? nomadAgents([...servers, ...clients], signal) : {},
    ])
    const silent = [...named('consul', consul), ...named('nomad', nomad)]
    if (silent.length > 0) throw new Error(`no answer from ${listing(silent)}`)
    return { consul, nomad }
  },
  run: async (ctx) => {
    const scope = scopeOf(ctx.previous)
    ctx.log(
      scope.kind === 'full' ? `the whole playbook: ${scope.because}` : `${listing(scope.roles)}: ${scope.because}`,
    )
    await playbook(ctx, { scope })
    if (!ctx.needs.inventory.components.includes('nomad')) return
    const { servers, clients } = ctx.inputs.hosts
    const ghosts = await purgeGhosts(servers, clients, ctx.signal)
    if (ghosts.length > 0)
      ctx.log(`took ${listing(ghosts.map(({ name }) => name))} of before off Nomad's list of nodes`)
  },
  // What was applied goes with the machines; the ssh connections to them would stay.
  undo: (ctx) => closeConnections(ctx),
})

function named(product: string, answers: Readonly<Record<string, unknown>>): readonly string[] {
  const silent = Object.entries(answers).filter(([, answer]) => answer === 'unknown')
  return silent.map(([host]) => `${product} on ${host}`)
}
