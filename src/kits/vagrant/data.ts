import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Task, task, type ValueInput } from 'lakitu'
import { type Cluster, type MachinesSpec, machinesOf, type Provider } from '../cluster/index.ts'
import { type Box, hostConfig, ownerHere } from '../lxc/index.ts'

/** What the Vagrantfile reads. */
export interface VagrantData {
  readonly provider: string
  readonly box: { readonly name: string; readonly url?: string }
  /** Name of the network at the hypervisor. */
  readonly network: string
  readonly hosts: readonly VagrantHost[]
}

export interface VagrantHost {
  readonly name: string
  /** Name of the virtual machine or container. */
  readonly machine: string
  readonly address: string
  readonly cpus: number
  /** In MiB. */
  readonly memory: number
  /** File with the container's own configuration; only for LXC. */
  readonly config?: string
}

export const dataFile = '.cache/cluster/vagrant.json'
const configFolder = '.cache/cluster/lxc'

export interface VagrantDataOptions {
  readonly cluster: ValueInput<Cluster>
  readonly provider: ValueInput<Provider>
  readonly box: Task<Box | undefined>
}

/** The task `vagrant-data`: what the Vagrantfile reads, and LXC's configuration of each host. */
export function vagrantDataTask({ cluster, provider, box }: VagrantDataOptions): Task<VagrantData> {
  return task('vagrant-data', {
    needs: { box },
    inputs: { machines: cluster.pick(machinesOf), provider },
    outputs: [dataFile, configFolder],
    // The owner's mark holds the project's folder.
    portable: false,
    run: async ({ root, inputs, needs }) => {
      const data = vagrantData(inputs.machines, { root, provider: inputs.provider, box: needs.box })
      await rm(join(root, configFolder), { recursive: true, force: true })
      await mkdir(join(root, configFolder), { recursive: true })
      const owner = ownerHere(root, inputs.machines.cluster)
      for (const machine of inputs.machines.hosts) {
        const lines = hostConfig(inputs.machines, machine, owner)
        await writeFile(join(root, configFolder, `${machine.host}.conf`), `${lines.join('\n')}\n`)
      }
      await writeFile(join(root, dataFile), `${JSON.stringify(data, null, 2)}\n`)
      return data
    },
  })
}

export interface DataOptions {
  readonly root: string
  readonly provider: Provider
  readonly box: Box | undefined
}

/** Hosts that exist already (provider ssh) are none of Vagrant's business. */
export function vagrantData(spec: MachinesSpec, { root, provider, box }: DataOptions): VagrantData {
  const isLxc = provider === 'lxc'
  const hosts = spec.hosts.map(({ host, machine, address, cpus, memory }) => ({
    name: host,
    machine,
    address,
    cpus,
    memory,
    ...(isLxc ? { config: join(root, configFolder, `${host}.conf`) } : {}),
  }))
  const own = isLxc && box ? { name: box.name, url: `file://${encodeURI(join(root, box.path))}` } : undefined
  return { provider, box: own ?? { name: spec.box }, network: spec.bridge, hosts: provider === 'ssh' ? [] : hosts }
}
