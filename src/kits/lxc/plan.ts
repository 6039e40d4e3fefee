import type { MachineSpec, MachinesSpec } from '../cluster/index.ts'
import type { Container } from './containers.ts'
import { foreign, hostConfig, isGone, type Owner } from './owner.ts'

/** What is there before anything is done. */
export interface LabState {
  readonly containers: readonly Container[]
  /** Names of the containers that run. */
  readonly running: ReadonlySet<string>
  /** Hosts of which Vagrant knows, in this folder, which container they are. */
  readonly known: ReadonlySet<string>
  /** Hosts that this project wrote down before it began to make them. */
  readonly noted: ReadonlySet<string>
}

/** Each host is in one of broken, make, start and keep; adopt and rewrite come on top. */
export interface LabPlan {
  /** Left half made by a crash: destroyed, and then made. */
  readonly broken: readonly MachineSpec[]
  readonly make: readonly MachineSpec[]
  readonly start: readonly MachineSpec[]
  /** They run. */
  readonly keep: readonly MachineSpec[]
  /** Ours, but Vagrant does not know them (any more). */
  readonly adopt: readonly MachineSpec[]
  /** Their configuration says something else: stopped for it if they run, and started. */
  readonly rewrite: readonly MachineSpec[]
  /** Folders of projects that are gone, whose containers are taken over. */
  readonly heirOf: readonly string[]
}

/**
 * | container            | Vagrant's id | plan                          |
 * | none                 | any          | make                          |
 * | half made            | any          | broken, then make             |
 * | ours, stopped        | yes / no     | start / adopt, start          |
 * | ours, runs           | yes / no     | keep / adopt, keep            |
 * | of a folder that is gone | any      | adopt, rewrite, start         |
 * | another's, nobody's  | any          | refused: throws E_OTHER_OWNER |
 */
export function planLab(spec: MachinesSpec, owner: Owner, state: LabState): LabPlan {
  const containers = new Map(state.containers.map((container) => [container.name, container]))
  const heirOf = new Set<string>()
  const at = spec.hosts.map((machine) => {
    const container = containers.get(machine.machine)
    const kind = stateOf(machine, container, { spec, owner, state })
    if (kind === 'inherit' && container?.owner) heirOf.add(container.owner.root)
    return { machine, container, kind }
  })
  const pick = (wanted: (entry: (typeof at)[number]) => boolean) => at.filter(wanted).map(({ machine }) => machine)
  const runs = (machine: MachineSpec) => state.running.has(machine.machine)
  const differs = ({ machine, container, kind }: (typeof at)[number]) =>
    kind === 'inherit' || (kind === 'ours' && !agrees(container, hostConfig(spec, machine, owner)))
  const lives = ({ kind }: (typeof at)[number]) => kind === 'ours' || kind === 'inherit'
  return {
    broken: pick(({ kind }) => kind === 'broken'),
    make: pick(({ kind }) => kind === 'none' || kind === 'broken'),
    start: pick((entry) => lives(entry) && (differs(entry) || !runs(entry.machine))),
    keep: pick((entry) => lives(entry) && !differs(entry) && runs(entry.machine)),
    adopt: pick((entry) => entry.kind === 'inherit' || (entry.kind === 'ours' && !state.known.has(entry.machine.host))),
    rewrite: pick(differs),
    heirOf: [...heirOf],
  }
}

interface Where {
  readonly spec: MachinesSpec
  readonly owner: Owner
  readonly state: LabState
}

type Kind = 'none' | 'broken' | 'ours' | 'inherit'

function stateOf(
  { host, machine }: MachineSpec,
  container: Container | undefined,
  { spec, owner, state }: Where,
): Kind {
  if (!container) return 'none'
  const its = container.owner
  // The mark comes with the configuration: a folder without one is ours only if we meant to make it.
  const unfinished = container.partial || container.lines.length === 0
  if (its === undefined && unfinished && state.noted.has(host)) return 'broken'
  if (its?.id === owner.id) return unfinished ? 'broken' : 'ours'
  if (its && isGone(its)) return unfinished ? 'broken' : 'inherit'
  throw foreign(machine, spec.cluster, its)
}

function agrees(container: Container | undefined, wanted: readonly string[]): boolean {
  const has = new Set(container?.lines)
  return wanted.every((line) => has.has(line))
}
