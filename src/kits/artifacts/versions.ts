import { createRequire } from 'node:module'
import { LakituError } from 'lakitu'

const exact = /^\d+\.\d+\.\d+([-+~][\w.+~-]+)?$/
/** The ranges that people write: `2`, `2.0`, `2.0.x`, `~2.0`, `^2.0.4`. No others need a library to be known for ranges. */
const plainRange = /^[~^]?(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})(\.(x|0|[1-9]\d{0,8}))?|\.x(\.x)?)?$/

/** Semver is loaded by the first question that needs it: a cluster is checked whenever lakitu starts, which has no time for it. */
const load = createRequire(import.meta.url)
const semver = {
  satisfies: (): typeof import('semver/functions/satisfies.js') => load('semver/functions/satisfies.js'),
  maxSatisfying: (): typeof import('semver/ranges/max-satisfying.js') => load('semver/ranges/max-satisfying.js'),
  validRange: (): typeof import('semver/ranges/valid.js') => load('semver/ranges/valid.js'),
}

/** Whether it names one version: `2.0.4`, and not `~2.0`. */
export function isExact(version: string): boolean {
  return exact.test(version)
}

/** A version, or a range such as `~2.0`, `2.0.x` or `>=1.9 <3`. */
export function isVersion(text: string): boolean {
  if (isExact(text) || plainRange.test(text)) return true
  return text.trim() !== '' && semver.validRange()(text) !== null
}

/** Whether the version is, or may stand for, what is wanted. */
export function fits(version: string, wanted: string): boolean {
  return isExact(wanted) ? version === wanted : semver.satisfies()(version, wanted)
}

/** The newest that may stand for the range: no pre-releases unless it names one, and no editions (`2.0.4+ent`). */
export function newestOf(versions: readonly string[], range: string): string | undefined {
  const plain = versions.filter((version) => !version.includes('+') && isExact(version))
  return semver.maxSatisfying()(plain, range) ?? undefined
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
