import { inventoryTask } from 'lakitu/kits/vagrant'
import { cluster } from '../cluster.ts'
import { hostTools, provider } from './host.ts'
import { cni, consulBin, nomadBin } from './tools.ts'

export const inventory = inventoryTask({
  cluster,
  provider,
  binaries: [consulBin, nomadBin, ...cni],
  after: [hostTools],
})
