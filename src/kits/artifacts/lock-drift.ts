import { LakituError } from 'lakitu'
import { type Lock, lockedVersion, lockPath } from './lock-file.ts'

/** What a cluster says of one product, as far as a lock is concerned. */
export interface Wish {
  /** Exact, or a range. */
  readonly version: string
  /** A person's own file: there is nothing to lock then. */
  readonly file?: string | undefined
  readonly sha256?: string | undefined
}

/** By product: in what the lock and the cluster differ. */
export function driftOf(lock: Lock, wishes: Readonly<Record<string, Wish>>): Readonly<Record<string, string>> {
  const drift: Record<string, string> = {}
  for (const [product, { version, file }] of Object.entries(wishes)) {
    const entry = lock.products[product]
    if (file !== undefined || lockedVersion(entry, version) !== undefined) continue
    drift[product] = entry ? `locked is ${entry.version}, the cluster wants ${version}` : `${version} is not locked`
  }
  for (const product of Object.keys(lock.products)) {
    if (!(product in wishes)) drift[product] = 'locked, but not in the cluster'
  }
  return drift
}

export function drifted(drift: Readonly<Record<string, string>>): LakituError {
  return new LakituError({
    code: 'E_LOCK_STALE',
    headline: `${lockPath} is not what the cluster wants`,
    facts: drift,
    next: 'To bring it in line:\nlakitu lock',
    family: 'drift',
  })
}
