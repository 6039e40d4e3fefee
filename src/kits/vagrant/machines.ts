import type { Exec } from 'lakitu'
import type { MachineSpec, MachinesSpec, Provider } from '../cluster/index.ts'
import { bornAt, running } from '../lxc/index.ts'
import { idOf, indexUuid } from './folder.ts'
import { greets } from './ssh.ts'

/** One machine as it is. */
export interface Machine {
  readonly provider: Provider
  readonly name: string
  /** Another after it was made anew. */
  readonly identity: string
  /** It runs, and its ssh server greets. */
  readonly running: boolean
}

export type Machines = Readonly<Record<string, Machine>>

export interface Where {
  readonly root: string
  readonly provider: Provider
  readonly exec: Exec
}

/** The machines that exist, by host; null where there is none. Without Ruby, root or, but for provider ssh, a process. */
export async function probeMachines({ root, provider, exec }: Where, spec: MachinesSpec): Promise<Machines | null> {
  const live = provider === 'lxc' ? running(spec.hosts.map(({ machine }) => machine)) : undefined
  const found = await Promise.all(
    spec.hosts.map(async (machine) => {
      const identity = await identityOf({ root, provider, exec }, machine)
      if (identity === undefined) return undefined
      // A dead address costs the whole time-out: it is asked only where something may answer.
      const mayAnswer = provider !== 'ssh' && live?.has(machine.machine) !== false
      const isUp = provider === 'ssh' || (mayAnswer && (await greets(machine, 1500)))
      return [machine.host, { provider, name: machine.machine, identity, running: isUp }] as const
    }),
  )
  const there = found.filter((entry) => entry !== undefined)
  return there.length === 0 ? null : Object.fromEntries(there)
}

async function identityOf(
  { root, provider, exec }: Where,
  { host, machine, address, port }: MachineSpec,
): Promise<string | undefined> {
  if (provider === 'ssh') return hostKey(exec, address, port)
  const id = idOf(root, host, provider)
  if (id === undefined) return undefined
  if (provider === 'lxc') return id === machine ? bornAt(machine) : undefined
  return indexUuid(root, host, provider) ?? id
}

/** The ssh host keys of a host; undefined where nothing answers. */
async function hostKey(exec: Exec, address: string, port: number): Promise<string | undefined> {
  const { stdout } = await exec('ssh-keyscan', ['-T', '3', '-t', 'ed25519,ecdsa,rsa', '-p', `${port}`, address], {
    okCodes: [0, 1],
    silent: true,
  })
  const keys = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return keys.length === 0 ? undefined : keys.map((line) => line.split(' ').slice(1).join(' ')).sort()[0]
}
