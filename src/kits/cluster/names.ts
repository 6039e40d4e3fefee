import { createHash } from 'node:crypto'
import type { Cluster } from './cluster.ts'

/** Everything that Vagrant and LXC have to know of one machine. */
export interface MachineSpec {
  readonly host: string
  /** Its name on this computer: of the container, or of the virtual machine. */
  readonly machine: string
  readonly address: string
  readonly mac: string
  readonly cpus: number
  /** In MiB. */
  readonly memory: number
  readonly user: string
  readonly port: number
  readonly key?: string
}

export interface MachinesSpec {
  readonly cluster: string
  readonly network: string
  /** The `.1` of the network: this computer's own address in it. */
  readonly gateway: string
  readonly bridge: string
  /** The Vagrant box of hypervisors. */
  readonly box: string
  readonly hosts: readonly MachineSpec[]
}

/** The part of a cluster that decides what machines there are: roles, components and versions have no say in it. */
export function machinesOf(cluster: Cluster): MachinesSpec {
  const hosts = Object.entries(cluster.hosts).map(([host, { address, cpus, memory, user, port, key }]) => {
    const machine = `${cluster.name}-${host}`
    return {
      host,
      machine,
      address,
      mac: macOf(machine),
      cpus,
      memory,
      user,
      port,
      ...(key === undefined ? {} : { key }),
    }
  })
  const { name, network, box } = cluster
  return { cluster: name, network, gateway: gatewayOf(network), bridge: bridgeOf(name), box, hosts }
}

/** A network interface's name has at most 15 characters. */
export function bridgeOf(name: string): string {
  return name.length <= 12 ? `lk-${name}` : `lk-${name.slice(0, 5)}-${digest(name, 3)}`.replace('--', '-')
}

/** 10.64.0.0 to 10.191.255.0: away from what home routers, Docker and clouds like to use. */
export function defaultNetwork(name: string): string {
  const [first = 0, second = 0] = createHash('sha256').update(name).digest()
  return `10.${64 + (first % 128)}.${second}.0/24`
}

export function gatewayOf(network: string): string {
  return network.replace(/\.\d+\/24$/, '.1')
}

/** Addresses for hosts that have none, by their place among the hosts. */
export function addressesIn(network: string): (index: number) => string {
  return (index) => network.replace(/\.\d+\/24$/, `.${11 + index}`)
}

/** A locally administered address: no card of any vendor has it. */
export function macOf(machine: string): string {
  return ['02', ...(digest(machine, 5).match(/../g) ?? [])].join(':')
}

function digest(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2)
}
