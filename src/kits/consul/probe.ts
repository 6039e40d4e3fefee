import type { AgentHost } from './check.ts'
import { askJson } from './http.ts'
import { at, text } from './json.ts'

/** What an agent says of itself; nothing in it changes while the cluster is left alone. */
export interface ConsulAgent {
  readonly version: string
  readonly server: boolean
  /** Whether it knows a leader. */
  readonly leader: boolean
  /** Digest of the binary, unit and configuration that it was started from, as its unit wrote it down: another one where a host was rolled back. */
  readonly mark: string
}

/** Asks every agent itself: the members list of another keeps a dead one for 6 s. */
export async function consulAgents(
  hosts: readonly AgentHost[],
  signal?: AbortSignal,
): Promise<Readonly<Record<string, ConsulAgent | 'unknown'>>> {
  const answers = hosts.map(
    async (host): Promise<[string, ConsulAgent | 'unknown']> => [host.name, await consulAgent(host, signal)],
  )
  return Object.fromEntries(await Promise.all(answers))
}

async function consulAgent(host: AgentHost, signal: AbortSignal | undefined): Promise<ConsulAgent | 'unknown'> {
  const [self, leader] = await Promise.all([
    askJson(consulUrl(host, '/v1/agent/self'), { signal }),
    askJson(consulUrl(host, '/v1/status/leader'), { signal }),
  ])
  const version = text(at(self, 'Config', 'Version'))
  if (version === '') return 'unknown'
  const server = at(self, 'Config', 'Server') === true
  return { version, server, leader: text(leader) !== '', mark: text(at(self, 'Meta', 'lakitu')) }
}

export function consulUrl(host: AgentHost, path: string): string {
  return `http://${host.address}:8500${path}`
}
