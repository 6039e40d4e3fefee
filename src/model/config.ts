import type { Command } from './command.ts'
import type { AnyTask } from './task.ts'

/** Tasks and commands, modules that export them, records of them, or nested lists of all these. */
export type TaskSource = AnyTask | Command | readonly TaskSource[] | { readonly [name: string]: unknown }

export interface Config {
  readonly tasks: TaskSource
  /** What `lakitu plan` shows when none is named, and what `lakitu watch` keeps up to date then, unless `watch` says otherwise. */
  readonly default?: AnyTask
  /** What `lakitu watch` keeps up to date when none is named. Default the `default`. */
  readonly watch?: readonly AnyTask[]
  /** How many tasks run at the same time; default the number of processors. `--jobs` wins. */
  readonly jobs?: number
  /** How many tasks of a pool run at the same time; default 1. */
  readonly pools?: Readonly<Record<string, number>>
  /** How big the cache of results may grow, in bytes; default 10 GiB. What was used longest ago goes first. */
  readonly cacheLimit?: number
  /** How big the cache of downloads may grow, in bytes; default 10 GiB. What was used longest ago goes first. */
  readonly downloadLimit?: number
}
