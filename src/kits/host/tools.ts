import { readFileSync } from 'node:fs'
import { type AnyTask, type Context, type Exec, effect, LakituError, listing, type Task, type ValueInput } from 'lakitu'
import { installCommands, type Manager, missing, packagesOf, type ToolNeed, toolNeeds } from './needs.ts'
import { hasProgram } from './programs.ts'
import { asRoot, mayBeRoot } from './root.ts'

export interface HostToolsOptions {
  /** Name of the provider whose tools are needed. */
  readonly provider: ValueInput<string>
  readonly after?: readonly AnyTask[]
}

export interface HostTools {
  readonly provider: string
  readonly tools: readonly string[]
}

/**
 * The effect `host-tools`: what this computer must have is there. Installs it with apt where it may; elsewhere fails
 * with E_TOOLS_MISSING and the commands for this system, having changed nothing. E_NO_CONTAINERS: LXC cannot work here.
 */
export function hostTools({ provider, after = [] }: HostToolsOptions): Task<HostTools> {
  return effect('host-tools', {
    about: 'What this computer must have: Vagrant, a provider, Python, ssh',
    inputs: { provider },
    after,
    converges: true,
    probe: ({ inputs, exec }) => probeTools(inputs.provider, exec),
    run: (ctx) => installTools(ctx, ctx.inputs.provider),
  })
}

export async function probeTools(provider: string, exec: Exec): Promise<HostTools | null> {
  const needs = toolNeeds(provider)
  if (provider === 'lxc' && !mayMount()) return null
  const lacking = await missing(needs, exec)
  return lacking.length > 0 ? null : { provider, tools: needs.map(({ name }) => name) }
}

type InstallContext = Pick<Context, 'exec' | 'confirm' | 'log' | 'progress'>

export async function installTools(ctx: InstallContext, provider: string): Promise<void> {
  if (provider === 'lxc') await needContainers(ctx.exec)
  const lacking = await missing(toolNeeds(provider), ctx.exec)
  if (lacking.length === 0) return
  const manager = managerHere()
  const packages = packagesOf(lacking, manager)
  const all = installCommands(lacking, manager)
  const onlyPackages = all.length === 1 && packages.length > 0
  if (manager !== 'apt' || !onlyPackages || !(await mayBeRoot(ctx.exec))) throw toolsMissing(lacking, manager)
  if (!(await ctx.confirm(`Install ${listing(packages)} with apt-get?`))) throw toolsMissing(lacking, manager)
  ctx.progress('apt-get update')
  await apt(ctx.exec, 'update')
  ctx.progress(`apt-get install ${packages.join(' ')}`)
  await apt(ctx.exec, 'install', '--yes', '--no-install-recommends', ...packages)
  const still = await missing(toolNeeds(provider), ctx.exec)
  if (still.length > 0) throw toolsMissing(still, manager)
}

/** Waits for another apt instead of failing; asks nothing. */
function apt(exec: Exec, ...args: readonly string[]) {
  return asRoot(exec, ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args])
}

/** Fails with E_NO_CONTAINERS where this computer may make none, such as inside an ordinary container. */
export async function needContainers(exec: Exec): Promise<void> {
  if (mayMount() && (await mayUnshare(exec))) return
  throw new LakituError({
    code: 'E_NO_CONTAINERS',
    family: 'world',
    headline: 'LXC cannot work here: this computer may not make mounts of its own (a container without CAP_SYS_ADMIN?)',
    next: "Start the container with --privileged, or work on a real or virtual machine, or name hosts that exist (provider: 'ssh').",
  })
}

async function mayUnshare(exec: Exec): Promise<boolean> {
  if (!(await mayBeRoot(exec))) return true // nothing can be said without root; what needs it will ask for it
  const { code } = await asRoot(exec, ['unshare', '-m', 'true'], { okCodes: [0, 1], silent: true })
  return code === 0
}

/** Whether root here could have CAP_SYS_ADMIN (number 21). Reads one file and starts nothing. */
function mayMount(): boolean {
  if (process.platform !== 'linux') return false
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return bounding === undefined || ((BigInt(`0x${bounding}`) >> 21n) & 1n) === 1n
}

function managerHere(): Manager | undefined {
  if (hasProgram('apt-get')) return 'apt'
  if (hasProgram('dnf')) return 'dnf'
  if (hasProgram('pacman')) return 'pacman'
  return hasProgram('brew') ? 'brew' : undefined
}

function toolsMissing(lacking: readonly ToolNeed[], manager: Manager | undefined): LakituError {
  const commands = installCommands(lacking, manager)
  const nowhere = lacking.filter(({ from }) => !manager || from[manager] === undefined).map(({ name }) => name)
  const byHand = nowhere.length > 0 ? [`Install ${listing(nowhere)} by hand.`] : []
  return new LakituError({
    code: 'E_TOOLS_MISSING',
    family: 'world',
    headline: `This computer lacks ${listing(lacking.map(({ name }) => name))}`,
    next: [
      ...(commands.length > 0 ? ['Install what is missing:', ...commands.map((c) => `  ${c}`)] : []),
      ...byHand,
    ].join('\n'),
  })
}
