import type { Cluster } from 'lakitu/kits/cluster'
import type { AgentHost } from 'lakitu/kits/consul'

export interface Hosts {
  readonly all: readonly AgentHost[]
  readonly servers: readonly AgentHost[]
  readonly clients: readonly AgentHost[]
}

/** Who runs agents and where they answer: the part of the cluster that probes and checks need. */
export function hostsOf({ hosts }: Cluster): Hosts {
  const all = Object.entries(hosts).map(([name, { address, role }]) => ({ name, address, role }))
  const plain = (host: AgentHost): AgentHost => ({ name: host.name, address: host.address })
  return {
    all: all.map(plain),
    servers: all.filter(({ role }) => role === 'server').map(plain),
    clients: all.filter(({ role }) => role === 'client').map(plain),
  }
}
