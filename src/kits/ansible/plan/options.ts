import type { Context } from 'lakitu'
import type { AnsibleProject } from '../environment.ts'
import type { Runner } from '../run.ts'
import type { Agents } from './unlike.ts'

export type ApplyContext = Runner & Pick<Context, 'note' | 'previous' | 'forced' | 'ranPart' | 'warn'>

export interface Unhealthy {
  readonly host: string
  readonly what: string
}

export interface ApplyOptions extends AnsibleProject {
  /** Identity of each machine: what was applied to another one of its name does not count. */
  readonly machines: Readonly<Record<string, { readonly identity: string }>>
  /** Where the ssh server of each host greets. */
  readonly connections: Readonly<Record<string, { readonly address: string; readonly port: number }>>
  /** What every agent says of itself, by product and host: a host of which one says something else than after its last apply gets everything. */
  readonly agents?: () => Promise<Agents>
  /** What is wrong with the agents: `nomad on spiney1 is not ready`. Asked after a run until it is nothing, for 12 s at most. */
  readonly unhealthy?: (signal: AbortSignal) => Promise<readonly Unhealthy[]>
  /**
   * Beginnings of paths in the facts whose changes the plan sees for itself, such as `['inputs', 'roles']`. After any other change, as of the
   * code of the task or the version of Ansible, the whole playbook runs.
   */
  readonly planned: readonly (readonly string[])[]
}
