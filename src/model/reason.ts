import { listing } from '../util/text.ts'
import { visible } from '../util/width.ts'

/** Why a task must run. */
export type Reason =
  | { readonly kind: 'always' }
  | { readonly kind: 'forced' }
  | { readonly kind: 'never-ran' }
  | { readonly kind: 'last-attempt'; readonly outcome: 'failed' | 'moved' | 'crashed' | 'lost' | 'undone' | 'skipped' }
  /** One place in the facts that differs from the last success. */
  | {
      readonly kind: 'fact'
      readonly path: readonly string[]
      readonly change: 'added' | 'removed' | 'changed'
      /** Shortened for people where they are long. */
      readonly before?: string
      readonly after?: string
    }
  | { readonly kind: 'output'; readonly path: string; readonly what: 'missing' | 'changed' }
  /** The world, as the effect's probe saw it. */
  | { readonly kind: 'world'; readonly what: 'gone' | 'differs' | 'unknown'; readonly detail?: string }
  | { readonly kind: 'moved'; readonly path: string }
  | { readonly kind: 'need-ran'; readonly task: string }
  /** Of a service: what is about to run and needs it; nothing where it was asked for itself. */
  | { readonly kind: 'needed'; readonly by: readonly string[] }

/** One line for people. */
export function reasonText(reason: Reason): string {
  return visible(textOf(reason))
}

function textOf(reason: Reason): string {
  switch (reason.kind) {
    case 'always':
      return 'runs every time'
    case 'forced':
      return 'forced'
    case 'never-ran':
      return 'never ran here'
    case 'last-attempt':
      return lastAttempt[reason.outcome]
    case 'fact':
      return factText(reason)
    case 'output':
      return `output ${reason.path} is ${reason.what === 'missing' ? 'missing' : 'not as it was made'}`
    case 'world':
      return worldText(reason)
    case 'moved':
      return `${reason.path} changed during the run`
    case 'need-ran':
      return `${reason.task} ran`
    case 'needed':
      return reason.by.length === 0 ? 'asked for' : `needed by ${listing(reason.by, 4)}`
  }
}

const lastAttempt = {
  failed: 'its last run failed',
  moved: 'what it reads changed while it ran',
  crashed: 'its last run did not end',
  lost: 'its record was damaged, so what it did is not known',
  undone: 'it was undone',
  skipped: 'it was left out last time',
}

function factText({ path, change, before, after }: Extract<Reason, { kind: 'fact' }>): string {
  const where = path.join(' › ')
  if (change === 'added') return after === undefined ? `${where} is new` : `${where} is new: ${after}`
  if (change === 'removed') return `${where} is gone`
  return before === undefined || after === undefined ? `${where} changed` : `${where}: ${before} → ${after}`
}

function worldText({ what, detail }: Extract<Reason, { kind: 'world' }>): string {
  const base = {
    gone: 'not there',
    differs: 'the world differs from what was recorded',
    unknown: 'its state is unknown',
  }[what]
  return detail === undefined ? base : `${base}: ${detail}`
}
