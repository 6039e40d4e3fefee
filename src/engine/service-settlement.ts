import { fingerprintOf } from '../fingerprint/leaves.ts'
import type { FactsNow } from './facts.ts'
import type { Settlement } from './settled.ts'

/** What dependents compare is its facts. Its value may be another one each time, as a port is, and means the same to them. */
export function serviceSettlement(now: FactsNow, value?: unknown): Settlement {
  const fingerprint = fingerprintOf(now.facts)
  return { value, result: fingerprint, run: fingerprint, outputs: {}, from: now.seen }
}
