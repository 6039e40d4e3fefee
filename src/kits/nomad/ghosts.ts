import type { AgentHost } from '../consul/check.ts'
import { ask, askJson } from '../consul/http.ts'
import { at, list, text } from '../consul/json.ts'
import { nodeIdOf, nomadUrl } from './probe.ts'

/** A node that Nomad still lists although its host was made again under the same name. */
export interface Ghost {
  readonly id: string
  readonly name: string
  readonly status: string
}

/**
 * Nodes that carry the name of a client that calls itself by another id. The client's own word decides, so a ghost is
 * seen at once: for 21 s the servers still list it as ready.
 */
export async function ghosts(
  servers: readonly AgentHost[],
  clients: readonly AgentHost[],
  signal?: AbortSignal,
): Promise<readonly Ghost[]> {
  const own = new Map<string, string>()
  await Promise.all(
    clients.map(async (host) => {
      const id = nodeIdOf(await askJson(nomadUrl(host, '/v1/agent/self'), { signal }))
      if (id !== '') own.set(host.name, id)
    }),
  )
  return (await nodes(servers, signal)).filter(({ id, name }) => own.has(name) && own.get(name) !== id)
}

/** Takes ghosts off Nomad's list; answers those that are gone. */
export async function purgeGhosts(
  servers: readonly AgentHost[],
  clients: readonly AgentHost[],
  signal?: AbortSignal,
): Promise<readonly Ghost[]> {
  const found = await ghosts(servers, clients, signal)
  const [server] = servers
  if (!server) return []
  const purged = await Promise.all(
    found.map(({ id }) => ask(nomadUrl(server, `/v1/node/${id}/purge`), { method: 'PUT', signal })),
  )
  return found.filter((_, i) => {
    const answer = purged[i]
    return answer?.kind === 'answer' && answer.status === 200
  })
}

export interface Node extends Ghost {
  readonly eligible: boolean
}

/** All nodes, from the first server that answers. */
export async function nodes(servers: readonly AgentHost[], signal?: AbortSignal): Promise<readonly Node[]> {
  for (const server of servers) {
    const answer = await askJson(nomadUrl(server, '/v1/nodes'), { signal })
    if (answer === undefined) continue
    return list(answer).map((node) => ({
      id: text(at(node, 'ID')),
      name: text(at(node, 'Name')),
      status: text(at(node, 'Status')),
      eligible: at(node, 'SchedulingEligibility') === 'eligible',
    }))
  }
  return []
}
