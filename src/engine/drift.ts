import { asJson } from '../fingerprint/facts.ts'
import type { Node } from '../graph/graph.ts'
import type { Drift } from '../model/context.ts'
import { LakituError, reportOf } from '../model/error.ts'
import { askingOf } from './asking.ts'
import { begin, endingAll } from './begun.ts'
import type { StopSignals } from './execute.ts'
import { lastKnown, settledBefore } from './explain.ts'
import { factsNow } from './facts.ts'
import { masking } from './masking.ts'
import type { Project } from './project.ts'
import { needValues } from './settled.ts'
import { Writer, type WriterOptions } from './writer.ts'

export interface DriftSetting {
  readonly writer: WriterOptions
  /** Ends the look, with what it runs. */
  readonly stop: StopSignals
  /** Whether what drifted is run afterwards. */
  readonly heals: boolean
}

/**
 * Looks at the effects one after the other, under the lock, since others would change what is looked at. Answers those that drifted; one whose
 * look was stopped, or threw, is none of them.
 */
export async function lookForDrift(
  given: Project,
  nodes: readonly Node[],
  setting: DriftSetting,
): Promise<readonly Node[]> {
  const project = masking(given)
  const { signal } = setting.stop
  const writer = new Writer(project, setting.writer, signal)
  const drifted: Node[] = []
  try {
    await writer.take()
    for (const node of nodes) {
      // What did not end well left no state that anything could differ from.
      if (signal.aborted || project.state.history(node.name, 'effect').last !== 'done') continue
      if (await hasDrifted(project, node, setting)) drifted.push(node)
    }
  } catch (error) {
    if (!signal.aborted) tell(project, `the world was not looked at: ${reportOf(error).headline}`)
  } finally {
    writer.release()
  }
  return drifted
}

async function hasDrifted(project: Project, node: Node, { stop, heals }: DriftSetting): Promise<boolean> {
  const { emit, ports } = project
  const started = ports.clock.ticks()
  emit({ type: 'drift-looking', at: ports.clock.now(), task: node.name })
  try {
    const drifts = await look(project, node, stop)
    if (stop.signal.aborted) return false
    const ms = ports.clock.ticks() - started
    emit({ type: 'drift-looked', at: ports.clock.now(), task: node.name, ms, drifts, heals })
    return drifts.length > 0
  } catch (error) {
    if (!stop.signal.aborted) tell(project, `its look at the world failed: ${reportOf(error).headline}`, node)
    return false
  }
}

async function look(project: Project, node: Node, stop: StopSignals): Promise<readonly Drift[]> {
  const settled = settledBefore(project)
  const { values: inputs } = await factsNow(project, node, settled, stop.signal)
  const found = await endingAll({ project, node, ...stop, begun: new Set() }, (own) => {
    const asking = askingOf(project, node, { mark: `drift-${node.name}`, signal: own.signal, hurry: own.hurry })
    return node.definition.effect?.drift?.({
      ...asking,
      exec: (...words) => begin(own, asking.exec(...words)),
      inputs,
      needs: needValues(node, settled),
      recorded: lastKnown(project.state.history(node.name, 'effect')),
    })
  })
  const answer: unknown = asJson(node.name, 'What drift answers', found)
  if (Array.isArray(answer) && answer.every(isDrift)) return answer
  throw new LakituError({
    code: 'E_NOT_DRIFT',
    headline: `drift of ${node.name} answers no list of { where, what, detail? }`,
    facts: { declared: node.definition.site },
    family: 'usage',
  })
}

function isDrift(thing: unknown): thing is Drift {
  if (typeof thing !== 'object' || thing === null || !('where' in thing) || !('what' in thing)) return false
  const detail = 'detail' in thing ? thing.detail : ''
  return [thing.where, thing.what, detail].every((text) => typeof text === 'string')
}

function tell({ emit, ports }: Project, text: string, node?: Node): void {
  const whose = node ? { task: node.name } : {}
  emit({ type: 'notice', at: ports.clock.now(), level: 'warning', text, ...whose })
}
