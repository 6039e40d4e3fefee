import type { Unhealthy } from 'lakitu/kits/ansible'
import { type ConsulAgent, consulAgents } from 'lakitu/kits/consul'
import { type NomadAgent, nomadAgents } from 'lakitu/kits/nomad'
import type { Hosts } from './hosts.ts'

/** What every agent says of itself, by product and host; `unknown` where one is silent. */
export type Agents = {
  readonly consul: Readonly<Record<string, ConsulAgent | 'unknown'>>
  readonly nomad: Readonly<Record<string, NomadAgent | 'unknown'>>
}

/** Asks all of them themselves, so that a stopped one is seen at once and not when the others miss it. */
export async function askAgents(
  { all, servers, clients }: Hosts,
  { components, signal }: { readonly components: readonly string[]; readonly signal: AbortSignal },
): Promise<Agents> {
  const [consul, nomad] = await Promise.all([
    components.includes('consul') ? consulAgents(all, signal) : {},
    components.includes('nomad') ? nomadAgents([...servers, ...clients], signal) : {},
  ])
  return { consul, nomad }
}

export function silent({ consul, nomad }: Agents): readonly string[] {
  const of = (product: string, agents: Readonly<Record<string, unknown>>) =>
    Object.entries(agents).flatMap(([host, agent]) => (agent === 'unknown' ? [`${product} on ${host}`] : []))
  return [...of('consul', consul), ...of('nomad', nomad)]
}

/** What is wrong with them. */
export function unhealthy({ consul, nomad }: Agents): readonly Unhealthy[] {
  return [
    ...wrongIn('consul', consul, ({ leader }) => (leader ? '' : 'knows no leader')),
    ...wrongIn('nomad', nomad, ({ ready }) => (ready ? '' : 'is not ready')),
  ]
}

function wrongIn<A>(
  product: string,
  agents: Readonly<Record<string, A | 'unknown'>>,
  wrongWith: (agent: A) => string,
): readonly Unhealthy[] {
  return Object.entries(agents).flatMap(([host, agent]) => {
    const wrong = agent === 'unknown' ? 'does not answer' : wrongWith(agent)
    return wrong === '' ? [] : [{ host, what: `${product} on ${host} ${wrong}` }]
  })
}
