import { LakituError } from 'lakitu'
import satisfies from 'semver/functions/satisfies.js'
import maxSatisfying from 'semver/ranges/max-satisfying.js'
import validRange from 'semver/ranges/valid.js'

const exact = /^\d+\.\d+\.\d+([-+~][\w.+~-]+)?$/

/** Whether it names one version: `2.0.4`, and not `~2.0`. */
export function isExact(version: string): boolean {
  return exact.test(version)
}

/** A version, or a range such as `~2.0`, `2.0.x` or `>=1.9 <3`. */
export function isVersion(text: string): boolean {
  return isExact(text) || (text.trim() !== '' && validRange(text) !== null)
}

/** Whether the version is, or may stand for, what is wanted. */
export function fits(version: string, wanted: string): boolean {
  return isExact(wanted) ? version === wanted : satisfies(version, wanted)
}

/** The newest that may stand for the range: no pre-releases unless it names one, and no editions (`2.0.4+ent`). */
export function newestOf(versions: readonly string[], range: string): string | undefined {
  const plain = versions.filter((version) => !version.includes('+') && isExact(version))
  return maxSatisfying(plain, range) ?? undefined
}

/** A range stands for nothing until a lock says for what. */
export function notLocked(product: string, range: string, locked: string | undefined): LakituError {
  return new LakituError({
    code: 'E_NOT_LOCKED',
    headline: `Which ${product} the range ${range} stands for is not locked`,
    facts: { locked: locked ?? 'none' },
    next: `To ask the vendor and write it down:\nlakitu lock`,
    family: 'usage',
  })
}
