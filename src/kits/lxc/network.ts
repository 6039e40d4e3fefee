import { LakituError } from 'lakitu'
import type { MachinesSpec } from '../cluster/index.ts'
import type { Container } from './containers.ts'
import { groupOf, type Owner } from './owner.ts'

/** A network interface of this computer, as far as it matters here. */
export interface Link {
  readonly name: string
  readonly alias: string | undefined
  readonly isBridge: boolean
  /** Its IPv4 addresses with the lengths of their prefixes. */
  readonly addresses: readonly { readonly address: string; readonly prefix: number }[]
}

/** Fails where the cluster's network or one of its addresses is somebody else's. */
export function checkNetwork(
  spec: MachinesSpec,
  owner: Owner,
  links: readonly Link[],
  containers: readonly Container[],
): void {
  const own = links.find(({ name }) => name === spec.bridge)
  if (own && !(own.isBridge && (own.alias === undefined || own.alias.startsWith('lakitu-')))) {
    throw inUse(`The network interface ${spec.bridge} is there, and lakitu did not make it`, { interface: own.name })
  }
  for (const link of links) {
    if (link === own) continue
    const clash = link.addresses.find((address) => overlaps(spec.network, address))
    if (!clash) continue
    const facts = { network: spec.network, interface: link.name, address: `${clash.address}/${clash.prefix}` }
    throw inUse(`The network ${spec.network} is in use by the interface ${link.name}`, facts)
  }
  const ours = new Map(spec.hosts.map(({ address, machine }) => [address, machine]))
  for (const { name, address, owner: its } of containers) {
    if (address === undefined || !ours.has(address) || ours.get(address) === name) continue
    if (its?.root === owner.root) continue // of an earlier specification: it gets its new place, or goes
    throw inUse(`The address ${address} is that of the container ${name}`, {
      container: name,
      owner: its?.id,
      folder: its?.root,
    })
  }
}

function inUse(headline: string, facts: Readonly<Record<string, string | undefined>>): LakituError {
  return new LakituError({
    code: 'E_NETWORK_IN_USE',
    family: 'world',
    headline,
    facts,
    next: "Choose another network in cluster.ts, such as network: '10.93.17.0/24'.",
  })
}

/** Prefixes shorter than 16 are whole organisations: a part of theirs may be free. */
function overlaps(
  network: string,
  { address, prefix }: { readonly address: string; readonly prefix: number },
): boolean {
  if (prefix < 16) return false
  const shift = 32 - Math.min(24, prefix)
  return numberOf(network.replace(/\/\d+$/, '')) >>> shift === numberOf(address) >>> shift
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) >>> 0
}

/** The argv of each `ip` that is still to be called, in order, until the cluster's bridge is as it should be. */
export function bridgeSteps(spec: MachinesSpec, owner: Owner, links: readonly Link[]): readonly (readonly string[])[] {
  const { bridge, gateway } = spec
  const own = links.find(({ name }) => name === bridge)
  const steps: string[][] = []
  if (!own) steps.push(['link', 'add', bridge, 'type', 'bridge'])
  if (own?.alias !== groupOf(owner)) steps.push(['link', 'set', bridge, 'alias', groupOf(owner)])
  const others = own?.addresses.filter(({ address }) => address !== gateway) ?? []
  for (const { address, prefix } of others) steps.push(['addr', 'del', `${address}/${prefix}`, 'dev', bridge])
  const has = own?.addresses.some(({ address }) => address === gateway) ?? false
  if (!has) steps.push(['addr', 'add', `${gateway}/24`, 'dev', bridge])
  return [...steps, ['link', 'set', bridge, 'up']]
}
