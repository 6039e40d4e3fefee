import type { Node } from '../graph/graph.ts'
import type { LastKnown } from '../model/context.ts'
import { LakituError, reportOf } from '../model/error.ts'
import type { History } from '../model/record.ts'
import { deepFreeze } from '../util/canonical.ts'
import type { TreePath } from '../util/paths.ts'
import { visible } from '../util/width.ts'
import { askingOf } from './asking.ts'
import { factsNow } from './facts.ts'
import type { Project } from './project.ts'
import { needValues, type Settlement, type Settlements } from './settled.ts'

interface Question {
  readonly settled: Settlements
  readonly signal: AbortSignal
  /** What an edit of it would run is asked. */
  readonly file?: TreePath
}

const patience = 30_000

/** What an effect says that would run of it, line by line; nothing where it cannot be asked. What goes wrong is such a line, too. */
export async function explain(project: Project, node: Node, question: Question): Promise<readonly string[]> {
  const { settled, file } = question
  const { effect } = node.definition
  if (!effect?.explain || !isKnown(node, settled)) return []
  const over = new AbortController()
  const signal = AbortSignal.any([question.signal, over.signal])
  try {
    const { values } = await factsNow(project, node, settled, signal)
    const context = {
      ...askingOf(project, node, { mark: `explain-${node.name}`, signal }),
      inputs: values,
      needs: needValues(node, settled),
      recorded: lastKnown(project.state.history(node.name, 'effect')),
      ...(file === undefined ? {} : { file }),
    }
    const said = await Promise.race([effect.explain(context), silence(project, signal)])
    return Array.isArray(said) ? said.flatMap((text) => linesOf(project, String(text))) : []
  } catch (error) {
    const [first = ''] = linesOf(project, reportOf(error).headline)
    return [first]
  } finally {
    over.abort()
  }
}

/** The recorded settlements of what these need: what is known without a run. */
export function settledBefore({ graph, state }: Project): Settlements {
  const settled = new Map<Node, Settlement>()
  for (const node of graph.nodes) {
    const { success } = state.history(node.name, node.definition.kind)
    if (success) settled.set(node, success)
  }
  return settled
}

/** What never ran has no value that anybody could work with. A service has one only while it runs. */
function isKnown({ requires }: Node, settled: Settlements): boolean {
  return requires.every((need) => settled.has(need) || need.definition.kind === 'service')
}

export function lastKnown({ last, success, notes }: History): LastKnown {
  const outcome = last === 'lost' ? 'crashed' : last === 'skipped' ? undefined : last
  return {
    notes: deepFreeze(notes),
    ...(outcome === undefined ? {} : { outcome }),
    ...(success ? { value: deepFreeze(success.value) } : {}),
  }
}

async function silence({ ports }: Project, signal: AbortSignal): Promise<never> {
  await ports.clock.wait(patience, signal)
  throw new LakituError({ code: 'E_NO_ANSWER', headline: `no answer within ${patience / 1000} s`, family: 'world' })
}

function linesOf({ secrets }: Project, text: string): readonly string[] {
  return secrets.mask(text).split('\n').map(visible)
}
