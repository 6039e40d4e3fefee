import type { Node } from '../graph/graph.ts'
import type { UndoContext } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { History, TaskEntry } from '../model/record.ts'
import { type Attempt, sharedContext } from './context.ts'

/** Undoes what is recorded of the effects, dependents first, or nothing where one of them refuses. */
export async function undoEffects(attempt: Attempt): Promise<void> {
  const { node, project } = attempt
  const all = node.undoes.map((effect) => ({ effect, history: project.state.history(effect.name, 'effect') }))
  for (const { effect, history } of all) if (history.last === 'lost') throw recordLost(effect)
  const traced = all.filter(({ history }) => leftTrace(history))
  for (const { effect, history } of traced) {
    await effect.definition.effect?.mayUndo?.(contextOf(attempt, effect, history))
  }
  for (const { effect, history } of traced) {
    // Half undone is not as it was made, whatever its probe sees of it.
    project.state.write('effect', intentAgain(effect, history, project.ports.clock.now()))
    await effect.definition.effect?.undo?.(contextOf(attempt, effect, history))
    attempt.signal.throwIfAborted()
    const at = project.ports.clock.now()
    project.state.write('effect', { type: 'ended', task: effect.name, outcome: 'undone', at })
  }
  tellUnrecorded(
    attempt,
    all.filter(({ history }) => history.last === undefined).map(({ effect }) => effect),
  )
}

/** Nothing recorded is not the same as nothing there. */
function tellUnrecorded(attempt: Attempt, effects: readonly Node[]): void {
  for (const { name, definition } of effects) {
    if (!definition.effect?.undo) continue
    const { warn } = sharedContext(attempt)
    warn(
      `Nothing is recorded of ${name} here, so nothing of it was undone. lakitu ${name} takes over what it may have left.`,
    )
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

/** The undo works from what the last attempt recorded, and so does one after a crash. */
function intentAgain({ name }: Node, { inputs, secrets }: History, at: number): TaskEntry {
  return { type: 'intent', task: name, at, ...(inputs ? { inputs } : {}), ...(secrets ? { secrets } : {}) }
}

function leftTrace({ last, notes }: History): boolean {
  return Object.keys(notes).length > 0 || (last !== undefined && last !== 'undone')
}

function contextOf(attempt: Attempt, effect: Node, history: History): UndoContext {
  const { inputs, secrets = {}, success, notes } = history
  const handles = Object.entries(secrets).map(([name, source]) => [name, attempt.project.secrets.later(source)])
  const recorded = { inputs: { ...inputs, ...Object.fromEntries(handles) }, value: success?.value, notes }
  return { ...sharedContext(attempt, effect), recorded }
}
