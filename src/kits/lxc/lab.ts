import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, type Exec, LakituError, listing } from 'lakitu'
import type { MachineSpec, MachinesSpec } from '../cluster/index.ts'
import { asRoot, needContainers, needRoot } from '../host/index.ts'
import { ensureBridge, plugIn, readLinks } from './bridge.ts'
import { type Container, isMaking, lxcFolder, readContainers, running } from './containers.ts'
import { checkNetwork } from './network.ts'
import { hostConfig, type Owner } from './owner.ts'
import { type LabPlan, planLab } from './plan.ts'
import { pruneScript } from './template.ts'

export type LabContext = Pick<Context, 'exec' | 'log' | 'warn' | 'progress'>

export interface LabOptions {
  readonly spec: MachinesSpec
  readonly owner: Owner
  /** Hosts that Vagrant knows in this folder. */
  readonly known: ReadonlySet<string>
  readonly noted: ReadonlySet<string>
  /** Bridges of this project that are about to go. */
  readonly leaving: ReadonlySet<string>
}

/** Looks, decides and refuses; changes nothing. Fails with E_NO_ROOT, E_OTHER_OWNER, E_NETWORK_IN_USE, E_NO_CONTAINERS. */
export async function surveyLab(ctx: LabContext, { spec, owner, known, noted, leaving }: LabOptions): Promise<LabPlan> {
  await needRoot(ctx.exec, 'for the containers and their bridge')
  const containers = await settled(ctx, spec)
  const state = { containers, running: running(containers.map(({ name }) => name)), known, noted }
  const plan = planLab(spec, owner, state)
  const links = (await readLinks(ctx.exec)).filter(({ name }) => !leaving.has(name))
  checkNetwork(spec, owner, links, containers)
  if (plan.make.length > 0) await needContainers(ctx.exec)
  return plan
}

/** Fails with E_OTHER_OWNER where a container of these names is another's. Costs nothing, so it comes before what does. */
export async function refuseForeign(exec: Exec, spec: MachinesSpec, owner: Owner): Promise<void> {
  await needRoot(exec, 'to see whose containers there are')
  const noted = new Set(spec.hosts.map(({ host }) => host))
  planLab(spec, owner, { containers: await readContainers(exec), running: new Set(), known: new Set(), noted })
}

/** A Vagrant that was killed leaves its lxc-create to end by itself: it gets a minute. */
async function settled(ctx: LabContext, { hosts }: MachinesSpec): Promise<readonly Container[]> {
  const ours = new Set(hosts.map(({ machine }) => machine))
  const until = performance.now() + 60_000
  for (;;) {
    const containers = await readContainers(ctx.exec)
    const unfinished = containers.some(({ name, partial }) => partial && ours.has(name))
    if (!unfinished || !isMaking() || performance.now() > until) return containers
    ctx.progress('waiting for a container that is being made')
    await sleep(200)
  }
}

export interface MendOptions extends LabOptions {
  readonly plan: LabPlan
  /** Tells Vagrant of a container. */
  readonly adopt: (machine: MachineSpec) => void
}

/** Brings up what is there already; what is missing is left to whoever makes it. */
export async function mendLab(ctx: LabContext, { plan, adopt, ...options }: MendOptions): Promise<void> {
  const { spec, owner } = options
  await ensureBridge(ctx, spec, owner)
  if (plan.heirOf.length > 0) ctx.warn(`Taken over from a project that is gone (${listing(plan.heirOf)}): its hosts`)
  if (plan.broken.length > 0) ctx.warn(`Left half made by a crash, and made anew: ${hostList(plan.broken)}`)
  for (const { machine } of plan.broken) await removeContainer(ctx.exec, machine)
  for (const machine of plan.adopt) adopt(machine)
  if (plan.adopt.length > 0 && plan.heirOf.length === 0)
    ctx.warn(`Taken over, though Vagrant did not know of it: ${hostList(plan.adopt)}`)
  await plugIn(
    ctx.exec,
    spec,
    plan.keep.map(({ machine }) => machine),
  )
  await thaw(ctx.exec, plan.keep)
  await rewrite(ctx, options, plan.rewrite)
  await start(ctx, plan.start)
}

/** A frozen container runs, as LXC sees it, and answers nobody. To thaw one that is not frozen does nothing. */
async function thaw(exec: Exec, machines: readonly MachineSpec[]): Promise<void> {
  const thawOne = ({ machine }: MachineSpec) =>
    asRoot(exec, ['lxc-unfreeze', '-n', machine], { okCodes: [0, 1], silent: true })
  await Promise.all(machines.map(thawOne))
}

async function rewrite(ctx: LabContext, { spec, owner }: LabOptions, machines: readonly MachineSpec[]): Promise<void> {
  const live = running(machines.map(({ machine }) => machine))
  await Promise.all(
    machines.map(async (machine) => {
      ctx.log(`${machine.host} gets another configuration`)
      if (live.has(machine.machine)) await asRoot(ctx.exec, ['lxc-stop', '-n', machine.machine, '-t', '20'])
      const config = `${lxcFolder}/${machine.machine}/config`
      await asRoot(ctx.exec, ['sh', '-c', rewriteScript, 'rewrite', config], {
        input: `${hostConfig(spec, machine, owner).join('\n')}\n`,
      })
    }),
  )
}

const rewriteScript = `set -eu
sed -i -e '/^lxc\\.net\\.0\\./d' -e '/^lxc\\.group/d' -e '/^lxc\\.uts\\.name/d' -e '/^# lakitu-project/d' "$1"
cat >> "$1"
`

/** Vagrant would take seconds for it. As root it also adds a block to the configuration at each start: only harm. */
async function start(ctx: LabContext, machines: readonly MachineSpec[]): Promise<void> {
  if (machines.length === 0) return
  ctx.log(`starting ${hostList(machines)}`)
  const configs = machines.map(({ machine }) => `${lxcFolder}/${machine}/config`)
  await asRoot(ctx.exec, ['sed', '-i', '/^# VAGRANT-BEGIN/,/^# VAGRANT-END/d', ...configs])
  await Promise.all(machines.map((machine) => startOne(ctx.exec, machine)))
}

async function startOne(exec: Exec, { host, machine }: MachineSpec): Promise<void> {
  try {
    await asRoot(exec, ['lxc-start', '-n', machine])
  } catch (cause) {
    throw new LakituError({
      code: 'E_HOST_START',
      headline: `${host} did not start`,
      facts: { container: machine },
      next: `See why:\n  sudo lxc-start -F -n ${machine}\nor take it away, so that it is made anew:\n  sudo lxc-destroy -f -n ${machine}`,
      cause,
    })
  }
}

function hostList(machines: readonly MachineSpec[]): string {
  return listing(machines.map(({ host }) => host))
}

/** Destroys a container, whole or half made, running or not. */
export async function removeContainer(exec: Exec, container: string): Promise<void> {
  // lxc-destroy refuses what has no proper configuration; the folder is what counts.
  await asRoot(exec, ['lxc-destroy', '-f', '-n', container], { okCodes: [0, 1], silent: true })
  await asRoot(exec, ['rm', '-rf', '--one-file-system', `${lxcFolder}/${container}`])
}

/** Removes shared root file systems that no container uses any more. */
export async function pruneBases(exec: Exec): Promise<void> {
  await asRoot(exec, ['sh', '-c', pruneScript, 'prune', lxcFolder])
}
