import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Provider } from '../cluster/index.ts'
import { hasProgram, hasVagrantPlugin } from '../host/index.ts'

/** What Vagrant can use here, the first that fits. Looks at programs and plugins only; starts nothing. */
const hypervisors: readonly { readonly provider: Provider; usable(): boolean }[] = [
  {
    provider: 'libvirt',
    usable: () => hasProgram('virsh') && mayUse('/dev/kvm') && hasVagrantPlugin('vagrant-libvirt'),
  },
  { provider: 'virtualbox', usable: () => hasProgram('VBoxManage') },
  {
    provider: 'vmware_desktop',
    usable: () => hasProgram('vagrant-vmware-utility') || hasVagrantPlugin('vagrant-vmware-desktop'),
  },
  { provider: 'parallels', usable: () => hasProgram('prlctl') && hasVagrantPlugin('vagrant-parallels') },
]

/**
 * The provider for this computer. `auto`: the one whose machines this project has already; else a hypervisor that
 * Vagrant can use here; else on Linux LXC, elsewhere VirtualBox, for which host-tools then asks.
 */
export function pickProvider(wanted: 'auto' | Provider, root: string, hosts: readonly string[]): Provider {
  if (wanted !== 'auto') return wanted
  const machines = join(root, '.vagrant/machines')
  const used = ([...hypervisors.map(({ provider }) => provider), 'lxc'] as const).find((provider) =>
    hosts.some((host) => existsSync(join(machines, host, provider, 'id'))),
  )
  if (used) return used
  const hypervisor = hypervisors.find(({ usable }) => usable())
  return hypervisor?.provider ?? (process.platform === 'linux' ? 'lxc' : 'virtualbox')
}

function mayUse(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false // not there, or not for this user
  }
}
