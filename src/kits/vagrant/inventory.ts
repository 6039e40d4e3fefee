import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type AnyTask, type Task, task, type ValueInput } from 'lakitu'
import type { Binary } from '../artifacts/index.ts'
import { type Cluster, inventoryOf, machinesOf, type Provider } from '../cluster/index.ts'
import { vagrantPrivateKey } from '../host/index.ts'
import { connectionsOf } from './connections.ts'

export interface InventoryTaskOptions {
  readonly cluster: ValueInput<Cluster>
  readonly provider: ValueInput<Provider>
  /** The tasks that get the hosts' programs. */
  readonly binaries: readonly Task<Binary | undefined>[]
  readonly after?: readonly AnyTask[]
}

export interface InventoryFiles {
  /** Folder to give to Ansible, relative to the root. */
  readonly folder: string
  /** Products that will be on the hosts. */
  readonly components: readonly string[]
  /** Where the ssh server of each host is. */
  readonly connections: Readonly<Record<string, { readonly address: string; readonly port: number }>>
}

const folder = '.cache/cluster/inventory'
const keyFile = '.cache/cluster/ssh/key'

/** The task `inventory`: Ansible's inventory and group variables. The key is a copy that only its owner can read, as ssh demands. */
export function inventoryTask({ cluster, provider, binaries, after = [] }: InventoryTaskOptions): Task<InventoryFiles> {
  return task('inventory', {
    about: "Ansible's inventory and variables",
    needs: { binaries },
    inputs: { cluster, provider },
    outputs: [folder, dirname(keyFile)],
    // The files hold absolute paths.
    portable: false,
    // A private key is among them.
    cache: false,
    after,
    run: async ({ root, needs, inputs }) => {
      const boxKey = await copyKey(root, inputs.provider)
      const connections = connectionsOf(machinesOf(inputs.cluster), { root, provider: inputs.provider, boxKey })
      const there = needs.binaries.filter((binary) => binary !== undefined)
      const absolute = (path: string) => resolve(root, path)
      const { hosts, all } = inventoryOf(inputs.cluster, { connections, binaries: there, absolute })
      await write(join(root, folder, 'hosts.json'), hosts)
      await write(join(root, folder, 'group_vars/all.json'), all)
      const places = Object.entries(connections).map(([host, { address, port }]) => [host, { address, port }])
      return { folder, components: there.map(({ product }) => product), connections: Object.fromEntries(places) }
    },
  })
}

async function copyKey(root: string, provider: Provider): Promise<string | undefined> {
  const to = join(root, keyFile)
  await rm(dirname(to), { recursive: true, force: true })
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  if (provider === 'ssh') return undefined
  await copyFile(vagrantPrivateKey(), to)
  await chmod(to, 0o600)
  return to
}

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`)
}
