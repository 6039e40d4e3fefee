import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommandContext, command, type Drift, LakituError } from 'lakitu'
import { drift, driftText } from 'lakitu/kits/ansible'
import { cluster } from '../cluster.ts'
import { type Agents, askAgents } from './agents.ts'
import { hostsOf } from './hosts.ts'

/** `lakitu status`: the live cluster, agent by agent. Looks and changes nothing. */
export const status = command('status', {
  about: 'The live cluster: hosts, agents, leaders, versions; exit 4 where --drift finds some',
  options: { drift: { about: 'what the whole playbook would change, by host and role (--check --diff)' } },
  run: async (ctx) => {
    const hosts = hostsOf(cluster.content())
    const agents = await askAgents(hosts, { components: await componentsIn(ctx.root), signal: ctx.signal })
    const rows = hosts.all.map(({ name, address }) => ({ host: name, address, ...of(agents, name) }))
    const drifts = ctx.options.drift ? await ctx.alone(() => drift(ctx)) : undefined
    if (ctx.json) ctx.out(JSON.stringify({ hosts: rows, ...(drifts ? { drift: drifts } : {}) }, null, 2))
    else tell(ctx, rows, drifts)
    return drifts && drifts.length > 0 ? 4 : 0
  },
})

/** What the inventory says that the hosts have; nothing was left out where it is not made yet. */
async function componentsIn(root: string): Promise<readonly string[]> {
  try {
    const { components } = JSON.parse(
      await readFile(join(root, '.cache/cluster/inventory/group_vars/all.json'), 'utf8'),
    )
    if (Array.isArray(components)) return components.map(String)
  } catch {}
  throw new LakituError({
    code: 'E_NO_CLUSTER',
    family: 'world',
    headline: 'There is no cluster yet: its inventory was never made',
    next: 'Make it: lakitu apply',
  })
}

function of({ consul, nomad }: Agents, host: string): { readonly consul: string; readonly nomad: string } {
  const [c, n] = [consul[host], nomad[host]]
  return {
    consul: !c ? '' : c === 'unknown' ? 'no answer' : words(c.version, c.server, c.leader ? '' : 'no leader'),
    nomad: !n ? '' : n === 'unknown' ? 'no answer' : words(n.version, n.server, n.ready ? '' : 'not ready'),
  }
}

function words(version: string, server: boolean, trouble: string): string {
  return [version, server ? 'server' : 'client', trouble].filter((word) => word !== '').join(', ')
}

type Row = Readonly<Record<'host' | 'address' | 'consul' | 'nomad', string>>

function tell({ out }: Pick<CommandContext, 'out'>, rows: readonly Row[], drifts: readonly Drift[] | undefined): void {
  const names = ['host', 'address', 'consul', 'nomad'] as const
  const table: readonly Row[] = [{ host: 'host', address: 'address', consul: 'consul', nomad: 'nomad' }, ...rows]
  const width = (name: (typeof names)[number]) => Math.max(...table.map((row) => row[name].length))
  for (const row of table)
    out(
      names
        .map((name) => row[name].padEnd(width(name)))
        .join('  ')
        .trimEnd(),
    )
  if (!drifts) return
  out('')
  for (const { where, what, detail } of drifts) {
    out(`${where}  ${what}`)
    for (const line of detail?.split('\n') ?? []) out(`    ${line}`)
  }
  out(driftText(drifts))
}
