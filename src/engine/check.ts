import { differences } from '../fingerprint/leaves.ts'
import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import type { Reason } from '../model/reason.ts'
import type { History, RunRecord } from '../model/record.ts'
import { discoveredReasons } from './discovered.ts'
import { type FactsNow, factsNow, runsAlways } from './facts.ts'
import { outputReasons } from './outputs.ts'
import { agree, observe } from './probe.ts'
import type { Project } from './project.ts'
import { needValues, type Settlements } from './settled.ts'

export type Verdict =
  | { readonly kind: 'fresh'; readonly record: RunRecord }
  | { readonly kind: 'stale'; readonly reasons: readonly Reason[] }

/** Whether a task whose needs are settled must run, with all reasons. Changes nothing. */
export async function check(
  project: Project,
  node: Node,
  settled: Settlements,
  forced: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  if (forced) return stale({ kind: 'forced' })
  if (runsAlways(node)) return stale({ kind: 'always' })
  const history = project.state.history(node.name, node.definition.kind)
  const attempt = attemptReasons(history)
  const { success } = history
  if (!success) return { kind: 'stale', reasons: attempt }
  const now = await factsNow(project, node, settled, signal)
  const facts = [...differences(success.facts, now.facts), ...discoveredReasons(project, node, success)]
  const reasons = [...attempt, ...facts, ...outputReasons(project, success)]
  if (reasons.length > 0) return { kind: 'stale', reasons }
  const world = await worldReasons(project, node, success, now, settled, signal)
  return world.length > 0 ? { kind: 'stale', reasons: world } : { kind: 'fresh', record: success }
}

function stale(reason: Reason): Verdict {
  return { kind: 'stale', reasons: [reason] }
}

/** An attempt that did not end well makes a task stale, whatever its outputs and its probe say. */
function attemptReasons({ last, success }: History): readonly Reason[] {
  if (last === undefined) return [{ kind: 'never-ran' }]
  if (last !== 'done') return [{ kind: 'last-attempt', outcome: last }]
  return success ? [] : [{ kind: 'never-ran' }]
}

async function worldReasons(
  project: Project,
  node: Node,
  success: RunRecord,
  now: FactsNow,
  settled: Settlements,
  signal: AbortSignal,
): Promise<readonly Reason[]> {
  const { effect } = node.definition
  if (!effect) return []
  const data = { inputs: now.values, needs: needValues(node, settled) }
  const seen = await observe(project, node, data, signal)
  switch (seen.kind) {
    case 'gone':
      return [{ kind: 'world', what: 'gone' }]
    case 'unknown':
      if (!effect.converges) throw unknownWorld(node, seen.why)
      return [{ kind: 'world', what: 'unknown', detail: seen.why }]
    case 'value':
      return agree(seen.value, success.value) ? [] : worldDifferences(success, seen.value)
  }
}

function worldDifferences(success: RunRecord, now: RunRecord['value']): readonly Reason[] {
  const different = differences({ world: success.value }, { world: now })
  return different.map(({ path, before, after }): Reason => {
    const where = path.slice(1).join(' › ')
    const values = before !== undefined && after !== undefined ? `${before} → ${after}` : 'changed'
    return { kind: 'world', what: 'differs', detail: where === '' ? values : `${where}: ${values}` }
  })
}

function unknownWorld(node: Node, why: string): LakituError {
  return new LakituError({
    code: 'E_WORLD_UNKNOWN',
    headline: `Whether ${node.name} still holds cannot be seen, and running it again on a guess may do harm`,
    facts: { probe: why },
    next: `Mend what keeps the probe from answering, or run it all the same: lakitu --force ${node.name}`,
    family: 'world',
  })
}
