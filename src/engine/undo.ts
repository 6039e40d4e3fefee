import type { Node } from '../graph/graph.ts'
import type { UndoContext } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { History } from '../model/record.ts'
import { deepFreeze } from '../util/canonical.ts'
import { endingAll } from './begun.ts'
import { type Attempt, sharedContext } from './context.ts'

/** Undoes what is recorded of the effects, dependents first, or nothing where one of them refuses. */
export async function undoEffects(attempt: Attempt): Promise<void> {
  const { node, project } = attempt
  const all = node.undoes.map((effect) => ({ effect, history: project.state.history(effect.name, 'effect') }))
  for (const { effect, history } of all) if (history.last === 'lost') throw recordLost(effect)
  const traced = all.filter(({ history }) => leftTrace(history))
  for (const { effect, history } of traced) {
    const { mayUndo } = effect.definition.effect ?? {}
    await endingAll(attempt, (own) => mayUndo?.(contextOf(own, effect, history)), effect)
  }
  for (const { effect, history } of traced) await undoOne(attempt, effect, history)
  tellUnrecorded(
    attempt,
    all.filter(({ history }) => history.last === undefined).map(({ effect }) => effect),
  )
}

/** An undo that a crash or an error ended half-way leaves an effect that is stale, whatever its probe says, and can be undone again. */
async function undoOne(attempt: Attempt, effect: Node, history: History): Promise<void> {
  const { state, ports } = attempt.project
  const undo = effect.definition.effect?.undo
  if (undo) {
    const { inputs, secrets } = history
    const read = { ...(inputs ? { inputs } : {}), ...(secrets ? { secrets } : {}) }
    state.write('effect', { type: 'intent', task: effect.name, at: ports.clock.now(), ...read })
  }
  try {
    await endingAll(attempt, (own) => undo?.(contextOf(own, effect, history)), effect)
    attempt.signal.throwIfAborted()
  } catch (error) {
    if (!attempt.signal.aborted) writeFailed(attempt, effect)
    throw error
  }
  writeEnded(attempt, effect, 'undone')
}

/** What keeps even this from being written must not hide the error that is on its way; the intent says enough. */
function writeFailed(attempt: Attempt, effect: Node): void {
  try {
    writeEnded(attempt, effect, 'failed')
  } catch {
    return
  }
}

function writeEnded({ project }: Attempt, { name }: Node, outcome: 'failed' | 'undone'): void {
  project.state.write('effect', { type: 'ended', task: name, outcome, at: project.ports.clock.now() })
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

function leftTrace({ last, notes }: History): boolean {
  return Object.keys(notes).length > 0 || (last !== undefined && last !== 'undone')
}

function contextOf(attempt: Attempt, effect: Node, history: History): UndoContext {
  const { inputs, secrets = {}, success, notes } = history
  const handles = Object.entries(secrets).map(([name, source]) => [name, attempt.project.secrets.later(source)])
  const recorded = {
    inputs: { ...deepFreeze(inputs ?? {}), ...Object.fromEntries(handles) },
    value: deepFreeze(success?.value),
    notes: deepFreeze(notes),
  }
  return { ...sharedContext(attempt, effect), recorded }
}
