import type { Node } from '../graph/graph.ts'
import type { ProbeContext } from '../model/context.ts'
import { execFor } from './exec.ts'
import type { Project } from './project.ts'

/** What every look at the world is given beside what it is to look at. */
export type Asking = Omit<ProbeContext, 'needs' | 'inputs'>

interface How {
  /** In the environment of all that it starts. */
  readonly mark: string
  readonly signal: AbortSignal
  /** Aborted when there is no time left for its programs to stop by themselves. */
  readonly hurry?: AbortSignal
}

export function askingOf({ graph, ports, secrets }: Project, { name }: Node, how: How): Asking {
  const { root } = graph
  const quiet = { sweep: false, onLine: () => {}, onWarning: () => {} }
  const exec = execFor({ task: name, root, ports, secrets, ...how, ...quiet })
  return { name, root, exec, secret: (handle) => secrets.open(handle), signal: how.signal }
}
