import { LakituError } from 'lakitu'
import type { Wish } from './lock-drift.ts'
import { type LockedProduct, lockedVersion } from './lock-file.ts'
import { isExact } from './versions.ts'

/** What `lakitu lock` has to do about one product. */
export interface Step {
  readonly product: string
  readonly wish: Wish
  readonly entry: LockedProduct | undefined
  /** The version of the entry, where that fits. */
  readonly fitting: string | undefined
  /** `keep`: the entry stays, and nobody is asked. */
  readonly ask: 'keep' | 'version' | 'sums'
}

interface Asked {
  readonly product: string
  readonly wish: Wish
  readonly entry: LockedProduct | undefined
  readonly upgrade: boolean
}

export function stepFor({ product, wish, entry, upgrade }: Asked, warn: (text: string) => void): Step {
  const fitting = lockedVersion(entry, wish.version)
  const step = (ask: Step['ask']): Step => ({ product, wish, entry, fitting, ask })
  // A person's own file is taken as it is.
  if (wish.file !== undefined || (fitting !== undefined && !upgrade)) return step('keep')
  if (!isExact(wish.version)) return step('version')
  if (fitting === undefined) return step('sums')
  warn(`${product} is exactly ${wish.version} in the cluster: a range (~${wish.version}) can be upgraded`)
  return step('keep')
}

/** What the cache still has of an index may be old, so that it counts for nothing here. */
export function checkOffline(steps: readonly Step[]): void {
  const asked = steps.filter(({ ask }) => ask !== 'keep')
  if (asked.length === 0) return
  const what = ({ wish, ask }: Step) =>
    ask === 'version' ? `the newest version of ${wish.version}, and its sums` : `the sums of ${wish.version}`
  throw new LakituError({
    code: 'E_OFFLINE',
    headline: 'The lock cannot be written without asking, and --offline allows no request',
    facts: Object.fromEntries(asked.map((step) => [step.product, what(step)])),
    next: 'Run it once with a network and without --offline.',
    family: 'world',
  })
}
