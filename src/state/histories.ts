import type { FactValue } from '../model/facts.ts'
import { advance, type Entry, type History, noHistory } from '../model/record.ts'

/** Folds a journal into what is known of each task. */
export function fold(entries: Iterable<Entry>): Map<string, History> {
  const histories = new Map<string, History>()
  for (const entry of entries) {
    if (entry.type === 'session' || entry.type === 'lost' || entry.type === 'end') continue
    if (entry.type === 'forgotten') histories.delete(entry.task)
    else histories.set(entry.task, advance(histories.get(entry.task) ?? noHistory, entry))
  }
  return histories
}

/** The shortest entries that fold into the same: what a compaction keeps. */
export function unfold(histories: ReadonlyMap<string, History>): readonly Entry[] {
  return [...histories].flatMap(([task, history]) => entriesOf(task, history))
}

function entriesOf(task: string, { success, last, inputs, secrets, foreign, notes }: History): readonly Entry[] {
  const entries: Entry[] = []
  const done: readonly Entry[] = success ? [{ type: 'done', task, record: success }] : []
  const isNeeded = inputs !== undefined || foreign !== undefined || last === 'crashed'
  const read = { ...(inputs ? { inputs } : {}), ...(secrets ? { secrets } : {}) }
  const found = { ...read, ...(foreign ? { foreign } : {}) }
  const intent: readonly Entry[] = isNeeded ? [{ type: 'intent', task, at: 0, ...found }] : []
  if (last === 'undone') entries.push({ type: 'ended', task, outcome: 'undone', at: 0 })
  // A success ends what its own intent began; an intent after it is of a later attempt.
  entries.push(...(last === 'done' ? [...intent, ...done] : [...done, ...intent]))
  if (last === 'failed' || last === 'moved' || last === 'skipped')
    entries.push({ type: 'ended', task, outcome: last, at: 0 })
  for (const [key, value] of Object.entries(notes)) entries.push(note(task, key, value))
  return entries
}

function note(task: string, key: string, value: FactValue): Entry {
  return { type: 'note', task, key, value }
}
