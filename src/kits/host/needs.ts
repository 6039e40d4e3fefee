import type { Exec } from 'lakitu'
import { hasProgram, hasVagrantPlugin } from './programs.ts'

export const managers = ['apt', 'dnf', 'pacman', 'brew'] as const
export type Manager = (typeof managers)[number]

/** Something that this computer must have. */
export interface ToolNeed {
  readonly name: string
  readonly found: (exec: Exec) => boolean | Promise<boolean>
  /** The package by package manager; a command of its own (with a space in it) where no package has it. */
  readonly from: Readonly<Partial<Record<Manager, string>>>
}

const python: ToolNeed = {
  name: 'python3 with venv',
  found: hasPython,
  from: { apt: 'python3-venv', dnf: 'python3', pacman: 'python', brew: 'python' },
}

/** A program, in a package of that name unless said otherwise. */
function program(name: string, from: ToolNeed['from'] = { apt: name, dnf: name, pacman: name, brew: name }): ToolNeed {
  return { name, found: () => hasProgram(name), from }
}

function plugin(name: string, distributed: ToolNeed['from'] = {}): ToolNeed {
  const install = `vagrant plugin install ${name}`
  const from = { apt: install, dnf: install, pacman: install, brew: install, ...distributed }
  return { name, found: () => hasVagrantPlugin(name), from }
}

const ssh = program('ssh', { apt: 'openssh-client', dnf: 'openssh-clients', pacman: 'openssh', brew: 'openssh' })
const vagrant = program('vagrant', {
  apt: 'vagrant',
  dnf: 'vagrant',
  pacman: 'vagrant',
  brew: 'brew install --cask hashicorp/tap/hashicorp-vagrant',
})
const every = [ssh, python]

const byProvider: Readonly<Record<string, readonly ToolNeed[]>> = {
  lxc: [
    vagrant,
    plugin('vagrant-lxc', { apt: 'vagrant-lxc' }),
    program('lxc-start', { apt: 'lxc', dnf: 'lxc lxc-templates', pacman: 'lxc' }),
    program('debootstrap'),
    program('ip', { apt: 'iproute2', dnf: 'iproute', pacman: 'iproute2' }),
    // vagrant-lxc calls it even when it is root.
    program('sudo'),
  ],
  libvirt: [
    vagrant,
    plugin('vagrant-libvirt', { apt: 'vagrant-libvirt', dnf: 'vagrant-libvirt' }),
    program('virsh', {
      apt: 'libvirt-clients libvirt-daemon-system qemu-system-x86',
      dnf: 'libvirt',
      pacman: 'libvirt',
    }),
  ],
  virtualbox: [
    vagrant,
    program('VBoxManage', {
      apt: 'virtualbox',
      dnf: 'VirtualBox',
      pacman: 'virtualbox',
      brew: 'brew install --cask virtualbox',
    }),
  ],
  vmware_desktop: [vagrant, plugin('vagrant-vmware-desktop')],
  parallels: [vagrant, plugin('vagrant-parallels'), program('prlctl', { brew: 'brew install --cask parallels' })],
}

/** What a playground with machines of this provider needs on this computer. */
export function toolNeeds(provider: string): readonly ToolNeed[] {
  return [...(byProvider[provider] ?? []), ...every]
}

export async function missing(needs: readonly ToolNeed[], exec: Exec): Promise<readonly ToolNeed[]> {
  const found = await Promise.all(needs.map((need) => need.found(exec)))
  return needs.filter((_, index) => !found[index])
}

/** Finds the modules and loads neither: this is asked before every run. */
const hasVenv = 'from importlib.util import find_spec as f; raise SystemExit(not (f("venv") and f("ensurepip")))'

/** Debian splits venv's heart, ensurepip, into a package of its own. */
async function hasPython(exec: Exec): Promise<boolean> {
  if (!hasProgram('python3')) return false
  try {
    await exec('python3', ['-S', '-c', hasVenv], { silent: true })
    return true
  } catch {
    return false // any failure means that no environment can be made with it
  }
}

/** The commands that a person types to get all that is missing. */
export function installCommands(needs: readonly ToolNeed[], manager: Manager | undefined): readonly string[] {
  const packages = packagesOf(needs, manager)
  const others = needs.map((need) => (manager ? need.from[manager] : undefined)).filter((from) => from !== undefined)
  const own = others.filter(isCommand)
  if (packages.length === 0) return own
  return [`${installer(manager)} ${packages.join(' ')}`, ...own]
}

export function packagesOf(needs: readonly ToolNeed[], manager: Manager | undefined): readonly string[] {
  const from = needs.map((need) => (manager ? need.from[manager] : undefined)).filter((name) => name !== undefined)
  return [...new Set(from.filter((name) => !isCommand(name)).flatMap((names) => names.split(' ')))]
}

function isCommand(from: string): boolean {
  return /^(vagrant|brew) \w/.test(from)
}

function installer(manager: Manager | undefined): string {
  switch (manager) {
    case 'apt':
      return 'sudo apt-get update && sudo apt-get install --no-install-recommends'
    case 'dnf':
      return 'sudo dnf install'
    case 'pacman':
      return 'sudo pacman -S'
    case 'brew':
      return 'brew install'
    case undefined:
      return 'install'
  }
}
