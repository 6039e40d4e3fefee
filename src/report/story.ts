import type { Ending, Event } from '../model/event.ts'
import { never } from '../util/text.ts'

type Of<S extends Ending['state']> = Extract<Ending, { state: S }>
/** A task of the story and how it ended. */
export interface Told<S extends Ending['state']> {
  readonly task: string
  readonly ending: Of<S>
  readonly ms: number
}

/** What the summary of a run tells. Fresh tasks are only counted: there may be a hundred thousand. */
export interface Story {
  readonly ran: readonly Told<'done'>[]
  readonly restored: readonly Told<'restored'>[]
  readonly leftOut: readonly Told<'skipped'>[]
  readonly failed: readonly Told<'failed'>[]
  readonly blocked: readonly Told<'blocked'>[]
  readonly stopped: readonly Told<'stopped'>[]
  /** Services. */
  readonly served: readonly Told<'served'>[]
  readonly fresh: number
  readonly warnings: readonly { readonly text: string; readonly task?: string }[]
  readonly outcome: Extract<Event, { type: 'run-ended' }>['outcome']
  readonly ms: number
}

type Draft = { -readonly [K in keyof Story]: Story[K] extends readonly (infer T)[] ? T[] : Story[K] }

/** Collects the story of one run, event by event; another `run-started` begins another one. */
export function storyteller(): { on(event: Event): void; story(): Story } {
  let draft = blank()
  return {
    on: (event) => {
      if (event.type === 'run-started') draft = blank()
      else collect(draft, event)
    },
    story: () => draft,
  }
}

export function storyOf(events: Iterable<Event>): Story {
  const teller = storyteller()
  for (const event of events) teller.on(event)
  return teller.story()
}

function blank(): Draft {
  const lists = { ran: [], restored: [], leftOut: [], failed: [], blocked: [], stopped: [], served: [], warnings: [] }
  return { ...lists, fresh: 0, outcome: 'stopped', ms: 0 }
}

function collect(draft: Draft, event: Event): void {
  if (event.type === 'task-ended') collectEnding(draft, event)
  if (event.type === 'run-ended') {
    draft.outcome = event.outcome
    draft.ms = event.ms
  }
  if (event.type === 'notice' && event.level === 'warning') {
    const { text, task } = event
    const known = draft.warnings.some((warning) => warning.text === text && warning.task === task)
    if (!known) draft.warnings.push(task === undefined ? { text } : { text, task })
  }
}

function collectEnding(draft: Draft, { task, ending, ms }: Extract<Event, { type: 'task-ended' }>): void {
  switch (ending.state) {
    case 'fresh':
      draft.fresh += 1
      break
    case 'done':
      draft.ran.push({ task, ending, ms })
      break
    case 'restored':
      draft.restored.push({ task, ending, ms })
      break
    case 'skipped':
      draft.leftOut.push({ task, ending, ms })
      break
    case 'failed':
      draft.failed.push({ task, ending, ms })
      break
    case 'blocked':
      draft.blocked.push({ task, ending, ms })
      break
    case 'stopped':
      draft.stopped.push({ task, ending, ms })
      break
    case 'served':
      draft.served.push({ task, ending, ms })
      break
    case 'idle':
      break
    default:
      never(ending)
  }
}
