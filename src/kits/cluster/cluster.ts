/** What machines can come from; `auto` means the first that works here. */
export const providers = ['lxc', 'libvirt', 'virtualbox', 'vmware_desktop', 'parallels', 'ssh'] as const

/** Where machines come from. */
export type Provider = (typeof providers)[number]

export type ComponentName = 'consul' | 'nomad' | 'cni'

export interface Host {
  readonly role: 'server' | 'client'
  readonly address: string
  readonly cpus: number
  /** In MiB. */
  readonly memory: number
  readonly user: string
  readonly port: number
  /** A private key's path; without it the key that Vagrant's boxes know. */
  readonly key?: string
}

export interface Component {
  readonly version: string
  readonly ifUnavailable: 'fail' | 'leave out'
  readonly file?: string
  readonly sha256?: string
}

/** A checked specification with every default filled in: JSON and nothing else. `Cluster` alone: one with any components. */
export interface Cluster<H extends string = string, C extends ComponentName = never> {
  readonly name: string
  readonly provider: 'auto' | Provider
  /** An IPv4 network of 256 addresses; the machine that runs lakitu has its `.1`. */
  readonly network: string
  readonly datacenter: string
  readonly region: string
  /** The Vagrant box of hypervisors; LXC makes its own. */
  readonly box: string
  readonly hosts: Readonly<Record<H, Host>>
  readonly components: Readonly<Record<C, Component>>
}
