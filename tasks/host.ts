import { join } from 'node:path'
import { hostTools as hostToolsTask } from 'lakitu/kits/host'
import { pickProvider } from 'lakitu/kits/vagrant'
import { cluster } from '../cluster.ts'

const root = join(import.meta.dirname, '..')

/** Where the machines come from on this computer. */
export const provider = cluster.pick(({ provider: wanted, hosts }) => pickProvider(wanted, root, Object.keys(hosts)))

export const hostTools = hostToolsTask({ provider })
