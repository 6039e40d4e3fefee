import { randomUUID } from 'node:crypto'
import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { absent, type FactValue, type PathFact } from '../model/facts.ts'
import { type Reason, reasonText } from '../model/reason.ts'
import type { History, RunRecord, TaskEntry } from '../model/record.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import { count, listing } from '../util/text.ts'
import {
  inputMoved,
  needStale,
  noRecordToWrite,
  outputGone,
  probeDisagrees,
  readsUnknown,
  valueUnknown,
} from './accept-errors.ts'
import { check } from './check.ts'
import { intentOf, recordOf } from './commit.ts'
import { discoveredBy } from './discovered.ts'
import { Discovery } from './discovery.ts'
import { type FactsNow, factsNow, runsAlways } from './facts.ts'
import { lookAtForeign } from './foreign.ts'
import { lookAt } from './look.ts'
import { masking, maskReasons } from './masking.ts'
import { takeOutputs } from './outputs.ts'
import { agree, observe } from './probe.ts'
import type { Project } from './project.ts'
import { serviceSettlement } from './service-settlement.ts'
import { leftOut, needValues, type Settlement } from './settled.ts'
import { lookAtNeeds, movedSince } from './world.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** What became of one task. */
export interface Accepted {
  readonly node: Node
  /** What nobody looked at and the record now says all the same; empty where the task was fresh already. */
  readonly onFaith: readonly string[]
}

/** Between the two answers of a probe, in ms. */
const pause = 250

/**
 * Records what is there as if the tasks had run: needs before dependents, either all of them or none. Errors: E_NEED_STALE,
 * E_NOTHING_TO_ACCEPT, E_OUTPUT_MISSING, E_VALUE_UNKNOWN, E_READS_UNKNOWN, E_NOT_SETTLED, E_INPUT_MOVED; those of facts and of the lock.
 */
export async function accept(
  given: Project,
  nodes: readonly Node[],
  options: WriterOptions,
  signal: AbortSignal,
): Promise<readonly Accepted[]> {
  const project = masking(given)
  const writer = new Writer(project, options, signal)
  writer.refuseInside()
  try {
    await writer.take()
    project.stats.newStamp()
    const taking = new Taking(project, signal)
    for (const node of closure(project.graph, nodes, 'needs')) await taking.take(node, nodes.includes(node))
    taking.write()
    return taking.accepted
  } finally {
    writer.release()
    project.tools.save()
  }
}

class Taking {
  readonly accepted: Accepted[] = []
  private readonly entries: (readonly [Node, TaskEntry])[] = []
  private readonly settled = new Map<Node, Settlement>()
  private readonly project: Project
  private readonly signal: AbortSignal

  constructor(project: Project, signal: AbortSignal) {
    this.project = project
    this.signal = signal
  }

  /** `isNamed`: is to be accepted; else it must be fresh. */
  async take(node: Node, isNamed: boolean): Promise<void> {
    this.signal.throwIfAborted()
    if (isNamed && runsAlways(node)) throw noRecordToWrite(node)
    const { project, settled, signal } = this
    if (node.definition.kind === 'service') {
      if (isNamed) throw noRecordToWrite(node)
      settled.set(node, serviceSettlement(await factsNow(project, node, settled, signal)))
      return
    }
    const history = project.state.history(node.name, node.definition.kind)
    // It stays away until somebody runs it: that is what its dependents saw.
    if (!isNamed && history.last === 'skipped') {
      settled.set(node, leftOut)
      return
    }
    const verdict = await check(project, node, settled, false, signal).catch((error: unknown) => {
      if (isNamed) return undefined
      throw error
    })
    if (verdict?.kind === 'fresh') {
      settled.set(node, verdict.record)
      if (isNamed) this.accepted.push({ node, onFaith: [] })
      return
    }
    if (!isNamed) throw needStale(node, verdict?.reasons[0])
    await this.record(node, history, verdict?.reasons ?? [])
  }

  /** Nothing was written before. */
  write(): void {
    for (const [node, entry] of this.entries) this.project.state.write(node.definition.kind, entry)
  }

  private async record(node: Node, history: History, reasons: readonly Reason[]): Promise<void> {
    const { project, settled, signal } = this
    const now = await factsNow(project, node, settled, signal)
    const discovered = this.discovered(node, history, now)
    const spoiled = lookAtNeeds(project, node, now.seen, settled)
    const outputs = this.outputs(node)
    const value = await this.value(node, history, now)
    const since = movedSince(project, node, now.seen)
    const moved = spoiled ?? since.moved ?? since.touched[0]
    if (moved !== undefined) throw inputMoved(node, moved)
    const as = { project, node, mark: randomUUID() }
    const record = recordOf(as, { facts: now.facts, discovered, value, outputs, ms: history.success?.ms ?? 0 })
    this.entries.push([node, intentOf(as, now, {})], [node, { type: 'done', task: node.name, record }])
    settled.set(node, record)
    const shown = maskReasons(project.secrets, reasons)
    this.accepted.push({ node, onFaith: onFaith(node, history, record, shown) })
  }

  private outputs(node: Node): RunRecord['outputs'] {
    const paths = node.outputs.flatMap((output) => (output.kind === 'path' ? [output.path] : output.files))
    for (const path of paths) if (this.project.stats.fact(path) === absent) throw outputGone(node, path)
    return takeOutputs(this.project, node, lookAtForeign(this.project, {})).outputs
  }

  /** By its depfile, if it is there, and else what it read last time: as these are now. */
  private discovered(node: Node, { success }: History, { seen }: FactsNow): Readonly<Record<string, PathFact>> {
    const { project, settled } = this
    const { graph, ports } = project
    const isThere = node.depfile !== undefined && ports.disk.identity(onDisk(graph.root, node.depfile)) !== undefined
    if (node.depfile !== undefined && !isThere && !success) throw readsUnknown(node, node.depfile)
    const named = isThere ? Object.keys(new Discovery(project, node, seen, settled).end().facts) : []
    const known =
      isThere && node.definition.action.kind === 'command' ? [] : discoveredBy(success).map(([path]) => path)
    const paths = [...new Set([...named, ...known])].sort(byCodeUnit) as TreePath[]
    return Object.fromEntries(
      paths.map((path) => {
        const made = lookAt(project, path)
        if (made.fact === undefined) throw readsUnknown(node, path)
        seen.files.set(path, made)
        return [path, made.fact]
      }),
    )
  }

  private async value(node: Node, { success }: History, now: FactsNow): Promise<FactValue> {
    const { project, settled, signal } = this
    const { kind, action } = node.definition
    if (kind === 'effect') {
      const data = { inputs: now.values, needs: needValues(node, settled) }
      const first = await observe(project, node, data, signal)
      await project.ports.clock.wait(pause, signal)
      const second = await observe(project, node, data, signal)
      if (first.kind === 'value' && second.kind === 'value' && agree(first.value, second.value)) return second.value
      throw probeDisagrees(node, first.kind === 'value' ? second : first)
    }
    if (action.kind !== 'run') return null
    if (success) return success.value
    throw valueUnknown(node)
  }
}

const mostReasons = 10

function onFaith(
  node: Node,
  { success, notes }: History,
  record: RunRecord,
  reasons: readonly Reason[],
): readonly string[] {
  const { kind, action, effect } = node.definition
  const different = reasons
    .filter((reason) => reason.kind !== 'never-ran')
    .map((reason) => `that this makes no difference: ${reasonText(reason)}`)
  const more = different.length - mostReasons
  const adopted = Object.keys(record.outputs).filter((path) => success && !(path in success.outputs))
  const made = Object.values(record.outputs).filter((fact) => !fact.startsWith('folder')).length
  return [
    ...(success ? [] : ['that it was ever made from these inputs: no run of it is recorded']),
    ...different.slice(0, mostReasons),
    ...(more > 0 ? [`and ${more} more (lakitu why ${node.name} before this showed all)`] : []),
    ...(made > 0
      ? [`that ${count(made, 'file')} of its outputs ${made === 1 ? 'holds' : 'hold'} what a run would make now`]
      : []),
    ...(adopted.length > 0
      ? [
          `that ${listing(adopted)} ${adopted.length === 1 ? 'is' : 'are'} its own from now on, for its next run to take away`,
        ]
      : []),
    ...(kind === 'task' && action.kind === 'run' && record.value !== null
      ? ['that its value is still that of its last run']
      : []),
    ...(Object.keys(record.discovered ?? {}).length > 0 ? ['that it reads what it read last time'] : []),
    ...(effect ? ['that what its probe sees is what a run would bring about'] : []),
    ...(effect?.undo ? [`that an undo need know no more than ${count(Object.keys(notes).length, 'note')}`] : []),
  ]
}
