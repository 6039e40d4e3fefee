import type { Sha256 } from '../util/digest.ts'
import type { Facts, FactValue, Fingerprint, PathFact } from './facts.ts'
import type { SecretSource } from './secret.ts'

/** What the journal holds of a task's last success. */
export interface RunRecord {
  /** Different for every run: what a task that updates this one's folder compares. */
  readonly run: string
  readonly facts: Facts
  readonly fingerprint: Fingerprint
  /** What `run` returned, or what the effect's probe answered. */
  readonly value: FactValue
  /** Tree path → what it held right after the run. */
  readonly outputs: Readonly<Record<string, PathFact>>
  /** Tree path → what it held when the run read it, of inputs that only the run itself found; apart from the declared facts. */
  readonly discovered?: Readonly<Record<string, PathFact>>
  /** What dependents compare. */
  readonly result: Sha256
  /** When it ended, in ms since the epoch. */
  readonly at: number
  /** How long it took, in ms. */
  readonly ms: number
}

/** Output path → what was in it, before an attempt, that is not the task's own. */
export type ForeignPaths = Readonly<Record<string, readonly string[]>>

/** `moved`: it ended well, but what it read changed meanwhile. */
export type Outcome = 'done' | 'failed' | 'moved' | 'skipped' | 'undone'

/** Where the inputs come from that are secrets, by name. */
export type SecretSources = Readonly<Record<string, SecretSource>>

/** One appended entry of the journal. */
export type Entry =
  /** Opens a session of a writer: where the tree is, since when the machine runs, and a name that no other session has. */
  | {
      readonly type: 'session'
      readonly tree: string
      readonly root: string
      readonly boot: string
      readonly id?: string
    }
  /** What stood before was damaged: what the effects did is not known until each has run again. */
  | { readonly type: 'lost' }
  /** Closes it: everything of the session is on disk. */
  | { readonly type: 'end' }
  /** Before the first side effect of a run. */
  | {
      readonly type: 'intent'
      readonly task: string
      readonly at: number
      readonly inputs?: Facts
      readonly foreign?: ForeignPaths
      readonly secrets?: SecretSources
    }
  | { readonly type: 'done'; readonly task: string; readonly record: RunRecord }
  | {
      readonly type: 'ended'
      readonly task: string
      readonly outcome: 'failed' | 'moved' | 'skipped' | 'undone'
      readonly at: number
    }
  /** Nothing is known of the task any more. */
  | { readonly type: 'forgotten'; readonly task: string }
  | { readonly type: 'note'; readonly task: string; readonly key: string; readonly value: FactValue }

/** All that is known of one task. */
export interface History {
  /** The last success that still holds; undefined after an undo. */
  readonly success: RunRecord | undefined
  /** Of the last attempt; `crashed` where it has no end, `lost` where its record was damaged. Undefined where there was none. */
  readonly last: Outcome | 'crashed' | 'lost' | undefined
  /** What the last attempt read, of effects; without its secrets. */
  readonly inputs: Facts | undefined
  /** What the attempts since the last success found at their outputs. Undefined where there was none. */
  readonly foreign: ForeignPaths | undefined
  readonly secrets?: SecretSources
  readonly notes: Readonly<Record<string, FactValue>>
}

export const noHistory: History = {
  success: undefined,
  last: undefined,
  inputs: undefined,
  foreign: undefined,
  notes: {},
}
export const lostHistory: History = { ...noHistory, last: 'lost' }

/** An entry about one task. */
export type TaskEntry = Exclude<Entry, { type: 'session' | 'lost' | 'end' }>

/** The state after one more entry. */
export function advance(history: History, entry: TaskEntry): History {
  switch (entry.type) {
    case 'intent': {
      const { secrets: _old, ...others } = history
      const secrets = entry.secrets ? { secrets: entry.secrets } : {}
      const foreign = together(history.foreign, entry.foreign)
      return { ...others, last: 'crashed', inputs: entry.inputs, foreign, ...secrets }
    }
    case 'done':
      return { ...history, last: 'done', success: entry.record, foreign: undefined }
    case 'ended':
      return entry.outcome === 'undone'
        ? { ...noHistory, last: 'undone' }
        : { ...history, last: entry.outcome, success: entry.outcome === 'skipped' ? undefined : history.success }
    case 'forgotten':
      return noHistory
    case 'note': {
      const { [entry.key]: _gone, ...others } = history.notes
      return { ...history, notes: entry.value === null ? others : { ...others, [entry.key]: entry.value } }
    }
  }
}

/** Of what one attempt found, the next one finds what is still there; its outputs may be others, if the config changed. */
function together(first: ForeignPaths | undefined, then: ForeignPaths | undefined): ForeignPaths | undefined {
  return first && then ? { ...first, ...then } : (first ?? then)
}
