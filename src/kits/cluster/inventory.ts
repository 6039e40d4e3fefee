import type { Binary } from '../artifacts/index.ts'
import type { Cluster } from './cluster.ts'

/** How a host is reached by ssh. */
export interface Connection {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Absolute path of the private key; without it ssh's own choice. */
  readonly key?: string
}

type Vars = Readonly<Record<string, unknown>>

export interface Inventory {
  /** Ansible's inventory: all hosts, and the groups servers and clients. */
  readonly hosts: Vars
  /** The variables of all hosts. */
  readonly all: Vars
}

export interface InventoryOptions {
  readonly connections: Readonly<Record<string, Connection>>
  /** What is there to install; a product that was left out is undefined. */
  readonly binaries: readonly (Binary | undefined)[]
  /** Makes a binary's path absolute. */
  readonly absolute: (path: string) => string
}

/** Inventory and group variables as data. */
export function inventoryOf(cluster: Cluster, { connections, binaries, absolute }: InventoryOptions): Inventory {
  const there = binaries.filter((binary) => binary !== undefined)
  const common = commonVars(Object.values(connections))
  const hosts = Object.entries(cluster.hosts).map(([name, { address }]) => {
    const connection = connections[name] ?? { address, port: 22, user: 'vagrant' }
    return [name, { ansible_host: connection.address, address, ...differing(varsOf(connection), common) }] as const
  })
  return {
    hosts: {
      all: {
        hosts: Object.fromEntries(hosts),
        children: { servers: group(cluster, 'server'), clients: group(cluster, 'client') },
      },
    },
    all: {
      cluster: cluster.name,
      datacenter: cluster.datacenter,
      region: cluster.region,
      components: there.map(({ product }) => product),
      server_addresses: Object.values(cluster.hosts)
        .filter(({ role }) => role === 'server')
        .map(({ address }) => address),
      ...common,
      ...Object.assign({}, ...there.map((binary) => binaryVars(binary, absolute))),
    },
  }
}

function group(cluster: Cluster, role: 'server' | 'client'): Vars {
  const members = Object.entries(cluster.hosts).filter(([, host]) => host.role === role)
  return { hosts: Object.fromEntries(members.map(([name]) => [name, {}])) }
}

function binaryVars({ product, version, path, sha256 }: Binary, absolute: (path: string) => string): Vars {
  return { [`${product}_version`]: version, [`${product}_binary`]: absolute(path), [`${product}_sha256`]: sha256 }
}

function varsOf({ user, port, key }: Connection): Vars {
  return {
    ansible_user: user,
    ...(port === 22 ? {} : { ansible_port: port }),
    ...(key === undefined ? {} : { ansible_ssh_private_key_file: key }),
  }
}

/** What all hosts agree on is said once. */
function commonVars(connections: readonly Connection[]): Vars {
  const [first = {}, ...others] = connections.map(varsOf)
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((vars) => vars[name] === value)),
  )
}

function differing(vars: Vars, common: Vars): Vars {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => !(name in common)))
}
