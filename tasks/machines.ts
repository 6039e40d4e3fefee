import { files, undo } from 'lakitu'
import { boxTask } from 'lakitu/kits/lxc'
import { machineNamesTask, machinesEffect, vagrantDataTask } from 'lakitu/kits/vagrant'
import { cluster } from '../cluster.ts'
import { hostTools, provider } from './host.ts'

export const machineNames = machineNamesTask({ cluster, provider, after: [hostTools] })

export const box = boxTask({ provider, after: [hostTools, machineNames] })

export const vagrantData = vagrantDataTask({ cluster, provider, box })

export const vmUp = machinesEffect({
  cluster,
  provider,
  data: vagrantData,
  vagrantfile: files('Vagrantfile'),
  after: [hostTools],
})

export const destroy = undo('destroy', [vmUp], { about: 'Takes away the machines and all that is on them' })
