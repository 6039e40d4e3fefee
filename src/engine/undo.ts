import type { Node } from '../graph/graph.ts'
import type { UndoContext } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { History } from '../model/record.ts'
import { type Attempt, sharedContext } from './context.ts'

/** Undoes what is recorded of the effects, dependents first. What has left no trace is passed over. */
export async function undoEffects(attempt: Attempt): Promise<void> {
  const { node, project } = attempt
  for (const effect of node.undoes) {
    const history = project.state.history(effect.name, 'effect')
    if (history.last === 'lost') throw recordLost(effect)
    if (!leftTrace(history)) continue
    const undo = effect.definition.effect?.undo
    if (undo) await undo(contextOf(attempt, effect, history))
    attempt.signal.throwIfAborted()
    const at = project.ports.clock.now()
    project.state.write('effect', { type: 'ended', task: effect.name, outcome: 'undone', at })
  }
}

/** Undoing works from the record; without one, saying that nothing is left would be a guess. */
function recordLost({ name }: Node): LakituError {
  return new LakituError({
    code: 'E_RECORD_LOST',
    headline: `What ${name} did is not known, because its record was damaged: so it cannot be undone`,
    next: `Run lakitu ${name}: it takes over what is there and writes its record anew. Then undo it.`,
    family: 'world',
  })
}

function leftTrace({ last, notes }: History): boolean {
  return Object.keys(notes).length > 0 || (last !== undefined && last !== 'undone')
}

function contextOf(attempt: Attempt, effect: Node, { inputs, success, notes }: History): UndoContext {
  const recorded = { inputs: inputs ?? {}, value: success?.value, notes }
  return { ...sharedContext(attempt, effect), recorded }
}
