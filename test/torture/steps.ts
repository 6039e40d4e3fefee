import type { Edit } from './edits.ts'
import type { ProjectSpec } from './spec.ts'

export interface RunStep {
  readonly step: 'run'
  /** Decides who goes on when. */
  readonly seed: number
  readonly jobs: number
  readonly killAt?: number
  /** Dies so many moments after the first program began that changes something. */
  readonly killIn?: number
  /** After it ended or was killed: what was not synced is lost. */
  readonly powerCut?: boolean
  readonly stopAt?: number
  readonly fault?: { readonly code: 'ENOSPC' | 'EIO'; readonly from: number; readonly calls: number }
  readonly during: readonly Edit[]
  /** It undoes the effects instead of building. */
  readonly destroys?: true
}

export type Step =
  | { readonly step: 'edit'; readonly edit: Edit }
  | RunStep
  /** A run in peace, and every oracle. */
  | { readonly step: 'check'; readonly seed: number; readonly jobs: number }
  /** In peace: all effects are undone; what is known of dropped ones is forgotten; one is accepted where the world is as it wants. */
  | { readonly step: 'destroy'; readonly seed: number; readonly jobs: number }
  | { readonly step: 'forget'; readonly seed: number; readonly jobs: number }
  | { readonly step: 'accept'; readonly seed: number; readonly jobs: number; readonly effect: string }

export interface Case {
  /** The file system's times are multiples of it, in ms; 0: as fine as they come. */
  readonly grain: number
  readonly spec: ProjectSpec
  readonly steps: readonly Step[]
}
