import type { AnyTask } from './task.ts'

/** A file or a folder that a task makes, whole. */
export interface PathOutput {
  readonly kind: 'path'
  readonly path: string
}

/**
 * A folder whose inside is a tool's own business (a virtual environment, node_modules). It is the task's own for
 * overlap and `clean` and is emptied before a run, but only the named files are checked.
 */
export interface WitnessOutput {
  readonly kind: 'witness'
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
}

/** Witness files that a task adds to a need's witness folder; it does not empty it. */
export interface UpdatesOutput {
  readonly kind: 'updates'
  readonly of: AnyTask
  /** Relative to the need's witness folder. */
  readonly files: readonly string[]
}

export type Output = PathOutput | WitnessOutput | UpdatesOutput
