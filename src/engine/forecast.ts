import type { Node } from '../graph/graph.ts'
import type { Reason } from '../model/reason.ts'

/**
 * What a run would do with a task: `will` run, `may` run if one of `ifChanged` comes to another result, is `fresh`; of a service that
 * nothing needs: `idle`.
 * A run keeps this promise as long as nothing is edited meanwhile: will ⊆ ran ⊆ will ∪ may.
 */
export interface Forecast {
  readonly node: Node
  readonly kind: 'will' | 'may' | 'fresh' | 'idle'
  readonly reasons: readonly Reason[]
  /** Names of needs that run before it. */
  readonly ifChanged: readonly string[]
}
