import * as v from 'valibot'
import type { MachinesSpec, Provider } from '../cluster/index.ts'
import { providers } from '../cluster/index.ts'

const recorded = v.object({
  cluster: v.string(),
  host: v.string(),
  machine: v.string(),
  address: v.string(),
  provider: v.picklist(providers),
  bridge: v.string(),
  box: v.string(),
  cpus: v.number(),
  memory: v.number(),
})

/** What is written down of a machine before it is made: enough to take it away without today's config. */
export type RecordedMachine = v.InferOutput<typeof recorded>

export function noteKey(host: string): string {
  return `vm/${host}`
}

export function recordsOf(spec: MachinesSpec, provider: Provider): readonly RecordedMachine[] {
  const { cluster, bridge, box } = spec
  return spec.hosts.map(({ host, machine, address, cpus, memory }) => {
    return { cluster, host, machine, address, provider, bridge, box, cpus, memory }
  })
}

/** The machines in an effect's notes; what an older lakitu wrote otherwise is passed over. */
export function recordedMachines(notes: Readonly<Record<string, unknown>>): readonly RecordedMachine[] {
  return Object.entries(notes).flatMap(([key, note]) => {
    const parsed = v.safeParse(recorded, note)
    return key.startsWith('vm/') && parsed.success ? [parsed.output] : []
  })
}
