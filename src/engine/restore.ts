import { join } from 'node:path'
import { fingerprintOf } from '../fingerprint/leaves.ts'
import { reportOf } from '../model/error.ts'
import { fileFact, type PathFact } from '../model/facts.ts'
import type { ForeignPaths } from '../model/record.ts'
import { type Trace, type TraceKey, traceKey } from '../state/traces.ts'
import { sha256Json } from '../util/digest.ts'
import { type TreePath, treePath } from '../util/paths.ts'
import { breather } from './breather.ts'
import { intentOf, recordOf } from './commit.ts'
import type { Attempt } from './context.ts'
import { discoveredBy, discoveredReasons } from './discovered.ts'
import type { FactsNow } from './facts.ts'
import { foreignNow, lookAtForeign } from './foreign.ts'
import { identityText } from './look.ts'
import { above } from './opened.ts'
import { emptyOutputs, madeNow, takeOutputs } from './outputs.ts'
import { placeOutputs } from './place.ts'
import type { Settlement } from './settled.ts'
import { tell } from './store.ts'
import { movedSince, type Seen } from './world.ts'

export type Restored =
  | {
      readonly outcome: 'restored'
      readonly settlement: Settlement
      readonly changed: boolean
      /** How long the run took that made it, in ms. */
      readonly saved: number
    }
  /** A path that changed meanwhile, and what else was looked at. */
  | { readonly moved: TreePath; readonly found: readonly TreePath[]; readonly onlyTouched: boolean }

/** Why a result that was found in the cache cannot be had. */
class Miss extends Error {
  /** What was evicted, was evicted on purpose. */
  readonly level: 'info' | 'warning'
  constructor(why: string, level: 'info' | 'warning' = 'warning') {
    super(why)
    this.level = level
  }
}

interface Found {
  readonly key: TraceKey
  readonly trace: Trace
  /** What was looked at to find it. */
  readonly seen: Seen
}

/**
 * Instead of a run: finds a trace under the declared facts of which all discovered facts hold, and puts its outputs in place. That is
 * a run too, with an intent, the same proof afterwards, and a record. Undefined: nothing can be had, and the task must run.
 */
export async function restore(attempt: Attempt, now: FactsNow): Promise<Restored | undefined> {
  try {
    const found = find(attempt, now)
    if (!found) return undefined
    return await attempt.project.state.results.withStage((stage) => putBack(attempt, now, found, stage))
  } catch (error) {
    if (attempt.signal.aborted) throw error
    const miss = error instanceof Miss ? error : new Miss(`cannot be restored (${reportOf(error).headline})`)
    tell(attempt, `its cached result ${miss.message}, so it runs`, miss.level)
    return undefined
  }
}

function find({ project, node }: Attempt, { facts, seen }: FactsNow): Found | undefined {
  const key = traceKey(node.name, fingerprintOf(facts))
  for (const trace of project.state.results.read(key)) {
    // The identities first, as with all that is read.
    const looked = discoveredBy(trace).map(
      ([path, fact]) => [path, { identity: identityText(project, path), fact }] as const,
    )
    if (discoveredReasons(project, node, trace).length > 0) continue
    const files = new Map([...seen.files, ...looked])
    return { key, trace, seen: { files, folders: seen.folders } }
  }
  return undefined
}

async function putBack(attempt: Attempt, now: FactsNow, found: Found, stage: string): Promise<Restored> {
  const { project, node } = attempt
  const { state, stats, graph } = project
  const { trace, seen } = found
  const history = state.history(node.name, 'task')
  refuseStrange(attempt, trace)
  const foreign = foreignNow(project, node, history)
  refuseBlocked(attempt, trace, foreign)
  state.write('task', intentOf(attempt, now, foreign))
  const staged = await stageBlobs(attempt, trace, stage)
  const wanted = new Set(Object.keys(trace.outputs))
  emptyOutputs(project, node, history, { foreign, keep: wanted })
  // What is to be put back is not foreign, whoever put it there before.
  const others = Object.entries(foreign).map(([place, paths]) => [place, paths.filter((path) => !wanted.has(path))])
  const before = lookAtForeign(project, Object.fromEntries(others))
  await placeOutputs(attempt, trace, staged)
  stats.newStamp()
  const { outputs } = takeOutputs(project, node, before)
  if (sha256Json(outputs) !== sha256Json(trace.outputs)) throw new Miss('did not come out as it was')
  const made = graph.hasDepfiles ? { made: madeNow(project, outputs) } : {}
  const { moved, touched } = movedSince(project, node, seen)
  const path = moved ?? touched[0]
  const looked = discoveredBy(trace).map(([each]) => each)
  if (path !== undefined) return { moved: path, found: looked, onlyTouched: moved === undefined }
  const record = recordOf(attempt, { ...trace, facts: now.facts, outputs })
  if (record.result !== trace.result) throw new Miss('is damaged')
  state.write('task', { type: 'done', task: node.name, record })
  attempt.log.line(`restored: what a run made on ${new Date(trace.at).toISOString()} from the same facts`)
  remember(attempt, found)
  const settlement = { value: record.value, outputs, result: record.result, run: record.run, ...made }
  return { outcome: 'restored', settlement, changed: record.result !== history.success?.result, saved: trace.ms }
}

/** A trace that came from somewhere else writes nowhere but where the task may. */
function refuseStrange({ project, node }: Attempt, { outputs }: Trace): void {
  const { graph } = project
  for (const path of Object.keys(outputs)) {
    if (treePath(graph.root, path) !== path || graph.makerOf(path as TreePath) !== node) throw new Miss('is damaged')
  }
}

/** What is somebody else's is not removed, as a run would not remove it: a file where a folder is to be, or the other way round. */
function refuseBlocked({ project }: Attempt, { outputs }: Trace, foreign: ForeignPaths): void {
  const wanted = new Map(Object.entries(outputs))
  const kindOf = (fact: PathFact) => fact.slice(0, `${fact} `.indexOf(' '))
  for (const path of Object.values(foreign).flat()) {
    const blocks = above(path).some((part) => {
      const fact = wanted.get(part)
      return fact !== undefined && kindOf(fact) !== kindOf(project.stats.fact(part as TreePath))
    })
    if (blocks) throw new Miss(`cannot be restored (${path} is in the way)`)
  }
}

/** Copies every blob that is needed, and proves it, before anything is replaced. Tree path → where the copy is. */
async function stageBlobs(
  { project, signal }: Attempt,
  { outputs }: Trace,
  stage: string,
): Promise<ReadonlyMap<TreePath, string>> {
  const { state, stats, ports } = project
  const staged = new Map<TreePath, string>()
  const breathe = breather(ports.clock, signal)
  for (const [path, fact] of Object.entries(outputs) as [TreePath, PathFact][]) {
    await breathe()
    signal.throwIfAborted()
    const file = fileFact(fact)
    if (!file || stats.fact(path) === fact) continue
    const copy = join(stage, String(staged.size))
    const came = state.results.copy(file.hash, copy, file.mode)
    if (came === 'evicted') throw new Miss('was evicted', 'info')
    if (came === 'damaged') throw new Miss('is damaged')
    staged.set(path, copy)
  }
  return staged
}

/** That it was used, for whoever looks for what to evict; a full disk costs no more than that. */
function remember({ project }: Attempt, { key, trace }: Found): void {
  try {
    project.state.results.put(key, trace)
  } catch {
    return
  }
}
