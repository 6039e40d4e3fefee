import { type AnyTask, effect, type Input, type Task, type UndoContext, type ValueInput } from 'lakitu'
import { type Cluster, machinesOf, type Provider } from '../cluster/index.ts'
import type { VagrantData } from './data.ts'
import { destroyMachines, refuseGiven, removeLab } from './destroy.ts'
import { type Machines, probeMachines } from './machines.ts'
import { recordedMachines } from './notes.ts'
import { bringUp } from './up.ts'

export interface MachinesOptions {
  readonly cluster: ValueInput<Cluster>
  readonly provider: ValueInput<Provider>
  readonly data: Task<VagrantData>
  /** Globs of what Vagrant reads. */
  readonly vagrantfile: Input<readonly string[]>
  readonly after?: readonly AnyTask[]
}

/**
 * The effect `vm-up`: the machines of the cluster are there and answer by ssh. Its value says which, so that a machine
 * that was made anew makes its dependents stale, and one that was only started again does not.
 */
export function machinesEffect({ cluster, provider, data, vagrantfile, after = [] }: MachinesOptions): Task<Machines> {
  return effect('vm-up', {
    about: 'The virtual machines',
    needs: { data },
    after,
    inputs: { machines: cluster.pick(machinesOf), provider, vagrantfile },
    pools: ['vagrant'],
    // Machines are dear: an edit that means others is never carried out silently.
    asks: () => true,
    converges: true,
    probe: ({ root, exec, inputs }) => probeMachines({ root, exec, provider: inputs.provider }, inputs.machines),
    run: (ctx) => bringUp(ctx, ctx.inputs.machines, { provider: ctx.inputs.provider, box: ctx.needs.data.box }),
    mayUndo: ({ recorded }) => refuseGiven(recordedMachines(recorded.notes)),
    undo,
  })
}

async function undo(ctx: UndoContext): Promise<void> {
  const machines = recordedMachines(ctx.recorded.notes)
  await destroyMachines(ctx, machines)
  await removeLab(ctx, machines)
}
