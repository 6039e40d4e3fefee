import type { Node } from '../graph/graph.ts'
import { reportOf } from '../model/error.ts'
import { fileFact } from '../model/facts.ts'
import type { RunRecord } from '../model/record.ts'
import { traceKey } from '../state/traces.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { breather } from './breather.ts'
import type { Attempt } from './context.ts'
import { runsAlways } from './facts.ts'
import { foreignText } from './foreign.ts'
import { isFolder } from './look.ts'

/** Inputs whose content must be in no file. */
const uncachedInputs: ReadonlySet<string> = new Set(['secret'])

/** Whether a result of the task may be kept and had again: all that it made is known and may be copied. */
export function mayBeCached(node: Node): boolean {
  const { kind, action, cache, incremental, rewrites } = node.definition
  // A task that does nothing is as fast as the look into the cache.
  if (kind !== 'task' || action.kind === 'none' || !cache || incremental || rewrites || runsAlways(node)) return false
  return node.outputs.every((o) => o.kind === 'path') && !node.inputs.some((i) => uncachedInputs.has(i.input.kind))
}

/** Keeps what a run made, after its record. A full disk costs the entry, never the task. */
export async function store(attempt: Attempt, record: RunRecord, foreign: readonly TreePath[]): Promise<void> {
  const { node } = attempt
  if (!mayBeCached(node)) return
  if (foreign.length > 0) return tell(attempt, `${foreignText(node, foreign)}, so its result is not cached`)
  const link = linkedFolder(attempt, record)
  if (link !== undefined) return tell(attempt, `${link} is a link to a folder, so its result is not cached`)
  try {
    await keep(attempt, record)
  } catch (error) {
    tell(attempt, `its result is not cached: ${reportOf(error).headline}`)
  }
}

/** An output that is a link to a folder: what is in there is no part of the record, so it could not be put back. */
function linkedFolder({ project, node }: Attempt, { outputs }: RunRecord): TreePath | undefined {
  const isLink = ({ path }: { readonly path: TreePath }) => outputs[path]?.startsWith('link ')
  const links = node.outputs.filter((o) => o.kind === 'path').filter(isLink)
  return links.find(({ path }) => isFolder(project.ports.disk, onDisk(project.graph.root, path)))?.path
}

/** Blobs first, the trace last: a trace that is there had everything that it names. */
async function keep({ project, node, signal }: Attempt, record: RunRecord): Promise<void> {
  const { disk, clock } = project.ports
  const { results } = project.state
  const links = new Map<string, string>()
  const breathe = breather(clock, signal)
  for (const [path, fact] of Object.entries(record.outputs)) {
    await breathe()
    if (signal.aborted) return
    const place = onDisk(project.graph.root, path as TreePath)
    const file = fileFact(fact)
    if (file) {
      if (!results.keep(file.hash, place)) return
    } else if (fact.startsWith('link ')) {
      const text = disk.readLink(place)
      if (!fact.startsWith(`link ${text} → `)) return
      links.set(path, text)
    } else if (!fact.startsWith('folder ')) return
  }
  const { value, outputs, result, at, ms, discovered = {}, fingerprint } = record
  results.put(traceKey(node.name, fingerprint), {
    discovered,
    outputs,
    links: Object.fromEntries(links),
    value,
    result,
    at,
    ms,
  })
}

export function tell({ project, node }: Attempt, text: string, level: 'info' | 'warning' = 'info'): void {
  project.emit({ type: 'notice', at: project.ports.clock.now(), level, text, task: node.name })
}
