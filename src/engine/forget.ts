import { LakituError } from '../model/error.ts'
import { nearest } from '../util/text.ts'
import type { Project } from './project.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** Effects that left something in the world, as far as is recorded, and are in the config no more: nothing undoes them. */
export function abandoned({ state, graph }: Project): readonly string[] {
  return state
    .known()
    .filter((one) => one.isEffect && isGone(graph, one) && one.history.last !== 'undone')
    .map(({ task }) => task)
}

/** Also where something else has its name by now: another kind of task, or an alias. */
function isGone(
  { byName }: Project['graph'],
  { task, isEffect }: { readonly task: string; readonly isEffect: boolean },
) {
  const node = byName.get(task)
  return node?.name !== task || (node.definition.kind === 'effect') !== isEffect
}

/**
 * Drops what is known of tasks that are gone from the config. Errors of family usage: E_NOT_GONE, E_NOTHING_KNOWN; those of
 * the lock. Either all are dropped or none.
 */
export async function forget(
  project: Project,
  names: readonly string[],
  options: WriterOptions,
  signal: AbortSignal,
): Promise<void> {
  const writer = new Writer(project, options, signal)
  writer.refuseInside()
  try {
    await writer.take()
    const known = project.state.known().filter((one) => names.includes(one.task) && isGone(project.graph, one))
    for (const name of names) {
      if (known.some(({ task }) => task === name)) continue
      const node = project.graph.byName.get(name)
      if (node) throw node.definition.kind === 'service' ? noRecord(name) : notGone(name)
      throw nothingKnown(project, name)
    }
    for (const { task, isEffect } of known) {
      project.state.write(isEffect ? 'effect' : 'task', { type: 'forgotten', task })
    }
  } finally {
    writer.release()
  }
}

function notGone(name: string): LakituError {
  return new LakituError({
    code: 'E_NOT_GONE',
    headline: `Task ${name} is in the config, so what is known of it is still of use`,
    next: `To run it whatever is known: lakitu --force ${name}`,
    family: 'usage',
  })
}

function noRecord(name: string): LakituError {
  return new LakituError({
    code: 'E_NOTHING_KNOWN',
    headline: `${name} is a service: nothing is recorded of it that could be forgotten`,
    next: `It is started anew each time that something needs it, or by: lakitu ${name}`,
    family: 'usage',
  })
}

function nothingKnown({ state, graph }: Project, name: string): LakituError {
  const gone = state.known().flatMap(({ task }) => (graph.byName.has(task) ? [] : [task]))
  const near = nearest(name, gone)
  return new LakituError({
    code: 'E_NOTHING_KNOWN',
    headline: `Nothing is known of a task ${JSON.stringify(name)}`,
    facts: gone.length > 0 ? { 'gone from the config': gone.join(', ') } : {},
    next: near === undefined ? 'There is nothing to forget.' : `Did you mean ${near}?`,
    family: 'usage',
  })
}
