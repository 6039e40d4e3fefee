import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Context, LakituError, listing } from 'lakitu'
import { hasProgram, needRoot } from '../host/index.ts'
import { groupOf, isGone, type Owner, ownerHere, readContainers, removeBridge, removeContainer } from '../lxc/index.ts'
import type { VagrantData } from './data.ts'
import { disown, idOf } from './folder.ts'
import { noteKey, type RecordedMachine } from './notes.ts'
import { vagrant } from './process.ts'

export type DestroyContext = Pick<Context, 'exec' | 'log' | 'warn' | 'progress' | 'note' | 'root'>

/** Takes away machines of this project, as recorded. A container that carries another's mark stays, with a word. */
export async function destroyMachines(ctx: DestroyContext, machines: readonly RecordedMachine[]): Promise<void> {
  refuseGiven(machines)
  for (const [provider, own] of Map.groupBy(machines, ({ provider }) => provider)) {
    ctx.progress(`destroying ${listing(own.map(({ host }) => host))}`)
    if (provider === 'lxc') await destroyContainers(ctx, own)
    else await byVagrant(ctx, own)
    for (const { host } of own) {
      disown(ctx.root, host, provider)
      await ctx.note(noteKey(host), null)
    }
  }
}

/** Hosts that were there before are not destroyed: E_NOT_OURS. */
export function refuseGiven(machines: readonly RecordedMachine[]): void {
  const given = machines.filter(({ provider }) => provider === 'ssh')
  if (given.length > 0) throw notOurs(given.map(({ host }) => host))
}

/** The bridges, once none of the project's machines are left. The box and its base stay: the next time is fast. */
export async function removeLab(ctx: DestroyContext, machines: readonly RecordedMachine[]): Promise<void> {
  const own = machines.filter(({ provider }) => provider === 'lxc')
  const bridges = new Map(own.map(({ bridge, cluster }) => [bridge, cluster]))
  for (const [bridge, cluster] of bridges) await removeBridge(ctx.exec, bridge, cluster)
}

async function destroyContainers(ctx: DestroyContext, machines: readonly RecordedMachine[]): Promise<void> {
  await needRoot(ctx.exec, 'to destroy the containers')
  const ours = await ownContainers(ctx, machines, true)
  const known = ours.filter(({ host }) => idOf(ctx.root, host, 'lxc') !== undefined)
  // Vagrant keeps a list of its own machines. What it cannot take away, or where it is gone itself, LXC does below.
  if (known.length > 0 && hasProgram('vagrant')) await byVagrant(ctx, known)
  for (const { machine } of await ownContainers(ctx, machines)) await removeContainer(ctx.exec, machine)
}

/** Which of them are there and ours. A half-made one without any mark is ours too: it was noted before it was made. */
async function ownContainers(
  ctx: DestroyContext,
  machines: readonly RecordedMachine[],
  aloud = false,
): Promise<readonly RecordedMachine[]> {
  const containers = new Map((await readContainers(ctx.exec)).map((container) => [container.name, container]))
  return machines.filter(({ machine, cluster }) => {
    const container = containers.get(machine)
    if (!container) return false
    const unfinished = container.partial || container.lines.length === 0
    if (container.owner === undefined && unfinished) return true
    if (container.owner && isOurs(container.owner, ownerHere(ctx.root, cluster))) return true
    if (aloud) ctx.warn(`The container ${machine} stays: it belongs to ${describe(container.owner)}.`)
    return false
  })
}

/** A folder that is gone was this one before it was moved: the container is in our notes. */
function isOurs(owner: Owner, here: Owner): boolean {
  return groupOf(owner) === groupOf(here) || isGone(owner)
}

function describe(owner: Owner | undefined): string {
  return owner ? `the project in ${owner.root}` : 'nobody that lakitu knows'
}

/** With a Vagrantfile's data of its own, so that today's config has no say in it. */
async function byVagrant(ctx: DestroyContext, machines: readonly RecordedMachine[]): Promise<void> {
  const path = join(ctx.root, '.cache/cluster/destroy.json')
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(dataOf(machines)))
  try {
    const env = { LAKITU_VAGRANT_DATA: path }
    const isLxc = machines.every(({ provider }) => provider === 'lxc')
    const hosts = machines.map(({ host }) => host)
    await vagrant(ctx.exec, ['destroy', '-f', ...hosts], { env, ...(isLxc ? { okCodes: [0, 1] } : {}) })
  } finally {
    await rm(path, { force: true })
  }
}

function dataOf(machines: readonly RecordedMachine[]): VagrantData {
  const [first] = machines
  return {
    provider: first?.provider ?? 'lxc',
    box: { name: first?.box ?? 'none' },
    network: first?.bridge ?? 'none',
    hosts: machines.map(({ host, machine, address, cpus, memory }) => ({ name: host, machine, address, cpus, memory })),
  }
}

function notOurs(hosts: readonly string[]): LakituError {
  return new LakituError({
    code: 'E_NOT_OURS',
    family: 'usage',
    headline: `${listing(hosts)} existed before lakitu (provider: 'ssh'): lakitu does not destroy what it did not make`,
    next: 'Switch them off yourself.',
  })
}
