import type { Edit } from './edits.ts'

export interface RunStep {
  readonly step: 'run'
  /** Decides who goes on when. */
  readonly seed: number
  readonly jobs: number
  readonly killAt?: number
  /** In the middle of a program, at its steps as they are counted over the run. */
  readonly killIn?: number
  /** After it ended or was killed: what was not synced is lost. */
  readonly powerCut?: boolean
  readonly stopAt?: number
  readonly fault?: { readonly code: 'ENOSPC' | 'EIO'; readonly from: number; readonly calls: number }
  readonly during: readonly Edit[]
}

export type Step =
  | { readonly step: 'edit'; readonly edit: Edit }
  | RunStep
  /** A run in peace, and every oracle. */
  | { readonly step: 'check'; readonly seed: number; readonly jobs: number }
