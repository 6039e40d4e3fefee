import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Exec } from 'lakitu'
import * as v from 'valibot'
import type { MachinesSpec } from '../cluster/index.ts'
import { asRoot } from '../host/index.ts'
import { bridgeSteps, type Link } from './network.ts'
import type { Owner } from './owner.ts'

const printed = v.array(
  v.object({
    ifname: v.string(),
    addr_info: v.array(v.object({ family: v.string(), local: v.optional(v.string()), prefixlen: v.number() })),
  }),
)

export async function readLinks(exec: Exec): Promise<readonly Link[]> {
  const { stdout } = await exec('ip', ['-j', 'addr'], { silent: true })
  return v.parse(printed, JSON.parse(stdout)).map(({ ifname, addr_info: addresses }) => ({
    name: ifname,
    alias: aliasOf(ifname),
    isBridge: existsSync(`/sys/class/net/${ifname}/bridge`),
    addresses: addresses.flatMap(({ family, local, prefixlen }) =>
      family === 'inet' && local !== undefined ? [{ address: local, prefix: prefixlen }] : [],
    ),
  }))
}

function aliasOf(link: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${link}/ifalias`, 'utf8').trim() || undefined
  } catch {
    return undefined // it went away meanwhile
  }
}

/** Makes the cluster's own bridge, or mends it. Says so where it was not there. */
export async function ensureBridge(
  ctx: Pick<Context, 'exec' | 'log' | 'warn'>,
  spec: MachinesSpec,
  owner: Owner,
): Promise<void> {
  const links = await readLinks(ctx.exec)
  if (!links.some(({ name }) => name === spec.bridge)) ctx.log(`bridge ${spec.bridge} with ${spec.gateway}/24`)
  for (const step of bridgeSteps(spec, owner, links)) await asRoot(ctx.exec, ['ip', ...step])
  if (!links.some(({ name }) => name === 'docker0') || !bridgesAreFiltered()) return
  ctx.warn(
    `Docker's firewall may keep the hosts apart. If they do not see each other: sudo iptables -I DOCKER-USER -i ${spec.bridge} -o ${spec.bridge} -j ACCEPT`,
  )
}

function bridgesAreFiltered(): boolean {
  const path = '/proc/sys/net/bridge/bridge-nf-call-iptables'
  return existsSync(path) && readFileSync(path, 'utf8').trim() === '1'
}

/** A container that runs keeps its end of the cable when the bridge goes: plugs it in again. */
export async function plugIn(exec: Exec, spec: MachinesSpec, containers: readonly string[]): Promise<void> {
  for (const name of containers) {
    const { stdout } = await asRoot(exec, ['lxc-info', '-n', name], { silent: true })
    const cable = /^Link:\s+(\S+)/m.exec(stdout)?.[1]
    if (cable === undefined || existsSync(`/sys/class/net/${spec.bridge}/brif/${cable}`)) continue
    await asRoot(exec, ['ip', 'link', 'set', cable, 'master', spec.bridge])
  }
}

/** Removes the cluster's bridge, unless lakitu did not make it or somebody's container is still plugged in. */
export async function removeBridge(exec: Exec, bridge: string, cluster: string): Promise<void> {
  if (!aliasOf(bridge)?.startsWith(`lakitu-${cluster}-`)) return
  // The kernel takes a moment to unplug what was just destroyed.
  for (let left = 20; left > 0 && cables(bridge).length > 0; left -= 1) await sleep(100)
  if (cables(bridge).length === 0) await asRoot(exec, ['ip', 'link', 'del', bridge])
}

function cables(bridge: string): readonly string[] {
  const folder = `/sys/class/net/${bridge}/brif`
  return existsSync(folder) ? readdirSync(folder) : []
}
