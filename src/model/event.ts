import type { Drift, Progress } from './context.ts'
import type { ErrorReport } from './error.ts'
import type { Reason } from './reason.ts'

/** Version of the union below: raised when a field changes its meaning or goes away. */
export const eventVersion = 1

/** How a task of a run ended. `stopped`: by a signal, or never started because of a failure elsewhere. */
export type Ending =
  | { readonly state: 'fresh' }
  | { readonly state: 'done'; readonly changed: boolean }
  /** What a run made from the same facts was put back; `saved`: how long that run took, in ms. */
  | { readonly state: 'restored'; readonly changed: boolean; readonly saved: number }
  | { readonly state: 'skipped'; readonly reason: string }
  | {
      readonly state: 'failed'
      readonly error: ErrorReport
      readonly logFile?: string
      readonly tail?: readonly string[]
      /** Only of `watch`: it failed in an earlier run, and was not begun again because nothing that it reads is different. */
      readonly still?: true
    }
  | { readonly state: 'blocked'; readonly by: string }
  | { readonly state: 'stopped' }
  /** Only of services: it was ready for what needed it. In a watch it stays up after that. */
  | { readonly state: 'served' }
  /** Only of services: nothing that ran needed it, so it was not started. */
  | { readonly state: 'idle' }

/** Milliseconds since the epoch, from the clock port. */
type Time = number

/**
 * All that a run tells. The engine emits it, reports make every view of it. Order: one `run-started`; per task
 * `task-checking`, then `task-started` with its logs and progress where it runs and is not restored, then one `task-ended`; one `run-ended`.
 * A service has `service-ready` after its `task-started`, logs until its `service-stopped`, and its `task-ended` when all others have theirs or when it failed.
 * A run that had to wait for another lakitu begins anew with a second `run-started`: what was told before does not hold.
 */
export type Event =
  | {
      readonly type: 'run-started'
      readonly version: typeof eventVersion
      readonly at: Time
      /** What was asked for. */
      readonly targets: readonly string[]
      /** Every task that may be looked at, needs before dependents. */
      readonly tasks: readonly string[]
    }
  | { readonly type: 'task-checking'; readonly at: Time; readonly task: string }
  | {
      readonly type: 'task-started'
      readonly at: Time
      readonly task: string
      readonly about?: string
      readonly attempt: number
      readonly reasons: readonly Reason[]
      readonly logFile: string
    }
  | {
      readonly type: 'task-log'
      readonly at: Time
      readonly task: string
      /** `note` is the task's own word (`ctx.log`), the others are streams of a program. */
      readonly stream: 'stdout' | 'stderr' | 'note'
      readonly line: string
    }
  | { readonly type: 'task-progress'; readonly at: Time; readonly task: string; readonly progress: Progress }
  | {
      readonly type: 'task-ended'
      readonly at: Time
      readonly task: string
      readonly ending: Ending
      readonly ms: number
    }
  /** `ms`: since it was started. */
  | { readonly type: 'service-ready'; readonly at: Time; readonly task: string; readonly ms: number }
  /** Its program was ended by lakitu: at the end of a run, or, of a watch, when its facts changed or the watch ends. */
  | { readonly type: 'service-stopped'; readonly at: Time; readonly task: string; readonly ms: number }
  | {
      readonly type: 'notice'
      readonly at: Time
      readonly level: 'info' | 'warning'
      readonly text: string
      /** Where it comes from a task. The summary repeats warnings. */
      readonly task?: string
    }
  | {
      readonly type: 'run-ended'
      readonly at: Time
      readonly ms: number
      readonly outcome: 'done' | 'failed' | 'stopped'
      readonly counts: Readonly<Record<Ending['state'], number>>
    }
  /** Only of `watch`: it waits for changes now, and for keys where there are any, or begins again because of these paths. */
  | {
      readonly type: 'watch-idle'
      readonly at: Time
      readonly folders: number
      readonly healthy: boolean
      readonly keys?: true
      readonly paused?: true
    }
  | { readonly type: 'watch-woken'; readonly at: Time; readonly paths: readonly string[] }
  /** Only of `watch`: it looks deeper whether the world is as the effect left it, and has looked. */
  | { readonly type: 'drift-looking'; readonly at: Time; readonly task: string }
  | {
      readonly type: 'drift-looked'
      readonly at: Time
      readonly task: string
      readonly ms: number
      readonly drifts: readonly Drift[]
      /** Whether all of the effect is run now, because of these. */
      readonly heals: boolean
    }

export type Emit = (event: Event) => void

/** What makes a view of a run: gets every event in order. */
export interface Report {
  on(event: Event): void
  /** Nothing more comes; resolves when all is written. */
  close(): Promise<void>
}
