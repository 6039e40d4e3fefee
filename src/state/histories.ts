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

function entriesOf(task: string, { success, last, inputs, secrets, notes }: History): readonly Entry[] {
  const entries: Entry[] = []
  const read = { ...(inputs ? { inputs } : {}), ...(secrets ? { secrets } : {}) }
  if (last === 'undone') entries.push({ type: 'ended', task, outcome: 'undone', at: 0 })
  if (inputs || last === 'crashed') entries.push({ type: 'intent', task, at: 0, ...read })
  if (success) entries.push({ type: 'done', task, record: success })
  if (last === 'failed' || last === 'skipped') entries.push({ type: 'ended', task, outcome: last, at: 0 })
  if (last === 'crashed' && success) entries.push({ type: 'intent', task, at: 0, ...read })
  for (const [key, value] of Object.entries(notes)) entries.push(note(task, key, value))
  return entries
}

function note(task: string, key: string, value: FactValue): Entry {
  return { type: 'note', task, key, value }
}
