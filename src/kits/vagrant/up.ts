import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Context, LakituError, listing } from 'lakitu'
import type { MachineSpec, MachinesSpec, Provider } from '../cluster/index.ts'
import { vagrantHome } from '../host/index.ts'
import { mendLab, ownerHere, pruneBases, surveyLab } from '../lxc/index.ts'
import { pruneBoxes } from './boxes.ts'
import type { VagrantData } from './data.ts'
import { destroyMachines, removeLab } from './destroy.ts'
import { adopt, idOf } from './folder.ts'
import { noteKey, type RecordedMachine, recordedMachines, recordsOf } from './notes.ts'
import { vagrant } from './process.ts'
import { waitForSome, waitForSsh } from './ssh.ts'

export type UpContext = Pick<
  Context,
  'exec' | 'log' | 'warn' | 'progress' | 'note' | 'root' | 'confirm' | 'previous' | 'signal'
>

export interface UpOptions {
  readonly provider: Provider
  /** The box of the containers, by its name at Vagrant and the address of its file. */
  readonly box: VagrantData['box']
}

/** Brings up every machine of the specification; safe to run again over whatever is there. */
export async function bringUp(ctx: UpContext, spec: MachinesSpec, { provider, box }: UpOptions): Promise<void> {
  const before = recordedMachines(ctx.previous?.notes ?? {})
  if (provider === 'lxc') await upContainers(ctx, spec, { box, before })
  else if (provider === 'ssh') await upGiven(ctx, spec, before)
  else await upVirtual(ctx, spec, { provider, before })
  const look = (host: string) => `sudo lxc-attach -n ${spec.cluster}-${host} -- journalctl -b`
  if (provider === 'ssh') return waitForSome(ctx, spec.hosts, { patience: 20_000 })
  const patience = provider === 'lxc' ? 60_000 : 180_000
  await waitForSsh(ctx, spec.hosts, { patience, ...(provider === 'lxc' ? { look } : {}) })
}

async function upGiven(ctx: UpContext, spec: MachinesSpec, before: readonly RecordedMachine[]): Promise<void> {
  await retire(ctx, spec, surplus(spec, 'ssh', before))
  await note(ctx, recordsOf(spec, 'ssh'))
}

/** Durable before anything is made: a crash in between leaves nothing that nobody knows of. */
async function note(ctx: UpContext, machines: readonly RecordedMachine[]): Promise<void> {
  for (const machine of machines) await ctx.note(noteKey(machine.host), machine)
}

interface ContainerOptions {
  readonly box: VagrantData['box']
  readonly before: readonly RecordedMachine[]
}

async function upContainers(ctx: UpContext, spec: MachinesSpec, { box, before }: ContainerOptions): Promise<void> {
  const owner = ownerHere(ctx.root, spec.cluster)
  const old = surplus(spec, 'lxc', before)
  const known = new Set(
    spec.hosts.filter(({ host, machine }) => idOf(ctx.root, host, 'lxc') === machine).map(({ host }) => host),
  )
  const noted = new Set(before.filter((machine) => !old.includes(machine)).map(({ host }) => host))
  const leaving = new Set(old.map(({ bridge }) => bridge).filter((bridge) => bridge !== spec.bridge))
  const options = { spec, owner, known, noted, leaving }
  const plan = await surveyLab(ctx, options)
  await retire(ctx, spec, old)
  await note(ctx, recordsOf(spec, 'lxc'))
  await mendLab(ctx, {
    ...options,
    plan,
    adopt: ({ host, machine }) => adopt(ctx.root, { host, id: machine, provider: 'lxc' }),
  })
  if (plan.make.length === 0) return
  await addBox(ctx, box)
  await up(ctx, plan.make, 'lxc')
  await pruneBases(ctx.exec)
  await pruneBoxes(join(vagrantHome(), 'boxes'), box.name)
}

/** `vagrant up` would add it by itself, but once for every machine. */
async function addBox(ctx: UpContext, { name, url }: VagrantData['box']): Promise<void> {
  if (url === undefined || existsSync(join(vagrantHome(), 'boxes', name))) return
  ctx.progress(`vagrant box add ${name}`)
  await vagrant(ctx.exec, ['box', 'add', '--name', name, '--provider', 'lxc', url])
}

interface VirtualOptions {
  readonly provider: Provider
  readonly before: readonly RecordedMachine[]
}

/** Sizes and addresses reach a virtual machine that is there only by a reload. */
async function upVirtual(ctx: UpContext, spec: MachinesSpec, { provider, before }: VirtualOptions): Promise<void> {
  if (provider === 'virtualbox') needVirtualBoxNetwork(spec)
  await retire(ctx, spec, surplus(spec, provider, before))
  const now = recordsOf(spec, provider)
  const old = new Map(before.map((machine) => [machine.host, machine]))
  const changed = now.filter((machine) => {
    const was = old.get(machine.host)
    return was && (was.address !== machine.address || was.cpus !== machine.cpus || was.memory !== machine.memory)
  })
  // What changed is noted after its reload, or a crash before that would lose the change.
  await note(
    ctx,
    now.filter((machine) => !changed.includes(machine)),
  )
  await up(ctx, spec.hosts, provider)
  if (changed.length > 0) await vagrant(ctx.exec, ['reload', '--no-provision', ...changed.map(({ host }) => host)])
  await note(ctx, changed)
}

async function up(ctx: UpContext, machines: readonly MachineSpec[], provider: Provider): Promise<void> {
  const hosts = machines.map(({ host }) => host)
  ctx.progress(`vagrant up ${hosts.join(' ')}`)
  await vagrant(ctx.exec, ['up', '--no-provision', '--provider', provider, ...hosts], {
    onLine: (line) => line.startsWith('==> ') && ctx.progress(line.slice(4)),
  })
}

/** Recorded machines that today's specification does not mean: their host, their name or their provider went. */
function surplus(
  spec: MachinesSpec,
  provider: Provider,
  before: readonly RecordedMachine[],
): readonly RecordedMachine[] {
  const named = new Set(spec.hosts.map(({ machine }) => machine))
  return before.filter((old) => old.provider !== provider || !named.has(old.machine))
}

/** Takes them away, after asking. Hosts that existed before lakitu are only forgotten. */
async function retire(ctx: UpContext, spec: MachinesSpec, old: readonly RecordedMachine[]): Promise<void> {
  const made = old.filter(({ provider }) => provider !== 'ssh')
  const given = old.filter((machine) => !made.includes(machine))
  for (const { host } of given) await ctx.note(noteKey(host), null)
  if (made.length === 0) return
  const list = listing(made.map(({ machine }) => machine))
  if (await ctx.confirm(`Destroy ${list}, which cluster.ts does not name any more?`)) {
    await destroyMachines(ctx, made)
    await removeLab(
      ctx,
      made.filter(({ bridge }) => bridge !== spec.bridge),
    )
    return
  }
  const inTheWay = made.filter(({ host }) => spec.hosts.some((now) => now.host === host))
  if (inTheWay.length > 0) throw inTheWayOf(inTheWay)
  ctx.warn(`${list} stays, though cluster.ts does not name it any more.`)
}

function inTheWayOf(machines: readonly RecordedMachine[]): LakituError {
  return new LakituError({
    code: 'E_OLD_MACHINES',
    family: 'usage',
    headline: `${listing(machines.map(({ machine }) => machine))} must go before the machines that cluster.ts names now can be made`,
    next: 'Put the old name or provider back in cluster.ts, or run lakitu destroy first.',
  })
}

/** VirtualBox on Linux and macOS lets host-only networks lie in 192.168.56.0/21 alone unless a file says more. */
function needVirtualBoxNetwork({ network }: MachinesSpec): void {
  const file = '/etc/vbox/networks.conf'
  if (process.platform === 'win32' || /^192\.168\.(5[6-9]|6[0-3])\./.test(network)) return
  if (existsSync(file) && /^\s*\*/m.test(readFileSync(file, 'utf8'))) return
  throw new LakituError({
    code: 'E_NETWORK_NOT_ALLOWED',
    family: 'world',
    headline: `VirtualBox does not allow the network ${network} on this computer`,
    next: `Choose one that it allows in cluster.ts (network: '192.168.56.0/24'), or allow this one:\n  echo '* ${network}' | sudo tee -a ${file}`,
  })
}
