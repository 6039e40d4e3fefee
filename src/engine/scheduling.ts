import type { Node } from '../graph/graph.ts'

/**
 * The states of a task in a run, and what leads from one to the next:
 *
 * | from     | by                                         | to       |
 * | -------- | ------------------------------------------ | -------- |
 * | pending  | all needs settled well                     | checking |
 * | pending  | a need failed, is blocked or stopped       | blocked  |
 * | checking | the check says fresh / stale / failed      | fresh / waiting / failed |
 * | checking | a watch says still failed / left alone     | failed / stopped |
 * | waiting  | its `after` settled well, a slot, its pools | running  |
 * | waiting  | one of its `after` failed                  | blocked  |
 * | running  | the run says done / restored / skipped / failed / stopped | the same |
 * | pending, checking, waiting, starting | stop, or a failure without keep-going | stopped |
 *
 * A service is known from its check on, which is all that a check of its dependents waits for; only their turn waits until it is
 * ready. So nothing starts it where all of them are fresh.
 *
 * | from     | by                                           | to       |
 * | -------- | -------------------------------------------- | -------- |
 * | checking | the check says idle / up / stale             | idle / ready / waiting |
 * | idle     | a stale task waits for it, or it was asked for | waiting |
 * | waiting  | its `after` and its services are settled well  | starting |
 * | starting | it is ready / it failed                      | ready / failed |
 * | ready    | it ended while something needs it / nothing does | failed / idle |
 * | ready    | a service that it needs failed               | stopped  |
 *
 * Verifying and restoring are parts of running. A stopped check is no longer listened to.
 */
export type TaskState =
  | 'pending'
  | 'checking'
  | 'waiting'
  | 'running'
  | 'idle'
  | 'starting'
  | 'ready'
  | 'fresh'
  | 'done'
  | 'restored'
  | 'skipped'
  | 'failed'
  | 'blocked'
  | 'stopped'

type Good = 'fresh' | 'done' | 'restored' | 'skipped' | 'idle' | 'ready'
export type Settled = Extract<TaskState, Good | 'failed' | 'blocked' | 'stopped'>

/**
 * `still failed` and `left alone`, which only a watch gives, keep nothing else from going on but what needs the task. `idle` and `up` are
 * of services: not running, and running with these facts.
 */
export type CheckVerdict = 'fresh' | 'stale' | 'failed' | 'still failed' | 'left alone' | 'idle' | 'up'

/** What the world tells the scheduler. */
export type Signal =
  | { readonly type: 'want'; readonly nodes: readonly Node[] }
  | { readonly type: 'checked'; readonly node: Node; readonly verdict: CheckVerdict }
  | {
      readonly type: 'ran'
      readonly node: Node
      readonly outcome: 'done' | 'restored' | 'skipped' | 'failed' | 'stopped'
    }
  /** A service was started. */
  | { readonly type: 'started'; readonly node: Node; readonly outcome: 'ready' | 'failed' | 'still failed' }
  /** A service that was ready ended by itself. */
  | { readonly type: 'ended'; readonly node: Node }
  | { readonly type: 'stop' }

/** What the scheduler wants done. */
export type Order =
  | { readonly type: 'check'; readonly node: Node }
  | { readonly type: 'run'; readonly node: Node }
  | { readonly type: 'blocked'; readonly node: Node; readonly by: Node }
  | { readonly type: 'stopped'; readonly node: Node }
  /** A service, for these. */
  | { readonly type: 'start'; readonly node: Node; readonly for: readonly Node[] }
  /** A service ended too early: these needed it. */
  | { readonly type: 'lost'; readonly node: Node; readonly users: readonly Node[] }
  /** Runs and cannot go on without a service: is to be stopped. */
  | { readonly type: 'cancel'; readonly node: Node }

export interface Limits {
  readonly jobs: number
  readonly keepGoing: boolean
  /** How many tasks of a pool run together; default 1. */
  readonly pools: Readonly<Record<string, number>>
  /** Whether a service that was asked for keeps the run from ending. Default true; in a watch it stays up without. */
  readonly holds?: boolean
}
