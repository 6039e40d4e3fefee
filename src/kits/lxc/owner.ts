import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { LakituError } from 'lakitu'
import type { MachineSpec, MachinesSpec } from '../cluster/index.ts'

/** Whose a container is: written into its configuration when it is made. */
export interface Owner {
  /** The cluster's name and a short hash of the project's real folder. */
  readonly id: string
  /** That folder. */
  readonly root: string
}

/** Two clones of a playground on one computer are two owners. */
export function ownerHere(root: string, cluster: string): Owner {
  const real = realpathSync(root)
  return { id: `${cluster}-${createHash('sha256').update(real).digest('hex').slice(0, 8)}`, root: real }
}

/** The mark: `lxc-ls -g <group>` lists a project's containers, and bridges carry it as their alias. */
export function groupOf(owner: Owner): string {
  return `lakitu-${owner.id}`
}

/** Whose a configuration is, from its lines; undefined where lakitu did not make it. */
export function ownerIn(lines: readonly string[]): Owner | undefined {
  const id = settingOf(lines, 'lxc.group')?.match(/^lakitu-(.+)$/)?.[1]
  return id === undefined ? undefined : { id, root: settingOf(lines, '# lakitu-project') ?? 'an unknown folder' }
}

export function settingOf(lines: readonly string[], key: string): string | undefined {
  const line = lines.find((candidate) => candidate.startsWith(`${key} = `))
  return line?.slice(key.length + 3)
}

/** A host's own lines of LXC configuration: what it is called, whose it is, and its place in the network. */
export function hostConfig(spec: MachinesSpec, { host, address, mac }: MachineSpec, owner: Owner): readonly string[] {
  return [
    `# lakitu-project = ${owner.root}`,
    `lxc.group = ${groupOf(owner)}`,
    `lxc.uts.name = ${host}`,
    'lxc.net.0.type = veth',
    `lxc.net.0.link = ${spec.bridge}`,
    'lxc.net.0.flags = up',
    `lxc.net.0.hwaddr = ${mac}`,
    `lxc.net.0.ipv4.address = ${address}/24`,
    `lxc.net.0.ipv4.gateway = ${spec.gateway}`,
  ]
}

/** Whether an owner's folder is no more: what it left may be taken over. */
export function isGone(owner: Owner): boolean {
  return owner.root.startsWith('/') && !existsSync(owner.root)
}

/** A container under our name that is not ours. */
export function foreign(machine: string, cluster: string, owner: Owner | undefined): LakituError {
  const remove = `Remove it (sudo lxc-destroy -f -n ${machine})`
  const rename = `give this cluster another name (it is ${cluster} in cluster.ts)`
  return new LakituError({
    code: 'E_OTHER_OWNER',
    family: 'world',
    headline: owner
      ? `The container ${machine} belongs to the project ${owner.id} in ${owner.root}`
      : `A container ${machine} is there that lakitu did not make`,
    facts: { container: machine, owner: owner?.id, folder: owner?.root },
    next: owner ? `Run lakitu destroy in ${owner.root}, or ${rename}.` : `${remove}, or ${rename}.`,
  })
}
