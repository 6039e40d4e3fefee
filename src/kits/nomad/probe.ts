import type { AgentHost } from '../consul/check.ts'
import { askJson } from '../consul/http.ts'
import { at, text } from '../consul/json.ts'

/** What an agent says of itself; nothing in it changes while the cluster is left alone. */
export interface NomadAgent {
  readonly version: string
  readonly server: boolean
  /** Of a client: whether the servers count its node as ready. Of a server: whether it knows a leader. */
  readonly ready: boolean
  /** Digest of the binary, unit and configuration that it was started from, as its unit wrote it down: another one where a host was rolled back. */
  readonly mark: string
}

/** Asks every agent itself: the servers' list keeps a dead node for 21 s. */
export async function nomadAgents(
  hosts: readonly AgentHost[],
  signal?: AbortSignal,
): Promise<Readonly<Record<string, NomadAgent | 'unknown'>>> {
  const answers = hosts.map(
    async (host): Promise<[string, NomadAgent | 'unknown']> => [host.name, await nomadAgent(host, signal)],
  )
  return Object.fromEntries(await Promise.all(answers))
}

async function nomadAgent(host: AgentHost, signal: AbortSignal | undefined): Promise<NomadAgent | 'unknown'> {
  const self = await askJson(nomadUrl(host, '/v1/agent/self'), { signal })
  const version = text(at(self, 'config', 'Version', 'Version'))
  if (version === '') return 'unknown'
  const server = at(self, 'config', 'Server', 'Enabled') === true
  const id = nodeIdOf(self)
  const status = id === '' ? undefined : at(await askJson(nomadUrl(host, `/v1/node/${id}`), { signal }), 'Status')
  const leader = server ? text(await askJson(nomadUrl(host, '/v1/status/leader'), { signal })) : ''
  const mark = text(at(self, 'config', 'Client', 'Meta', 'lakitu'))
  return { version, server, mark, ready: (id === '' || status === 'ready') && (!server || leader !== '') }
}

/** The node of a client, from its own /v1/agent/self; empty for a server. */
export function nodeIdOf(self: unknown): string {
  return text(at(self, 'stats', 'client', 'node_id'))
}

export function nomadUrl(host: AgentHost, path: string): string {
  return `http://${host.address}:4646${path}`
}
