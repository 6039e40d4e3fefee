import { type AnyTask, type Task, task, type ValueInput } from 'lakitu'
import { type Cluster, machinesOf, type Provider } from '../cluster/index.ts'
import { ownerHere, refuseForeign } from '../lxc/index.ts'

export interface MachineNamesOptions {
  readonly cluster: ValueInput<Cluster>
  readonly provider: ValueInput<Provider>
  readonly after?: readonly AnyTask[]
}

/**
 * The task `machine-names`: no machine of another project has a name of ours. Looked at before the box is made, so that
 * nobody waits for minutes to be refused.
 */
export function machineNamesTask({ cluster, provider, after = [] }: MachineNamesOptions): Task<void> {
  return task('machine-names', {
    always: true,
    after,
    inputs: { machines: cluster.pick(machinesOf), provider },
    run: async ({ exec, root, inputs }) => {
      const { machines } = inputs
      if (inputs.provider === 'lxc') await refuseForeign(exec, machines, ownerHere(root, machines.cluster))
    },
  })
}
