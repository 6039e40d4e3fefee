import type { Sha256 } from '../util/digest.ts'

/** All that decides whether a task must run, as JSON, kept in full. */
export type Facts = { readonly [key: string]: FactValue }
export type FactValue = null | boolean | number | string | readonly FactValue[] | Facts

export type Fingerprint = Sha256

/** Raised when the meaning of some fact changes: then everything runs once more. */
export const factsFormat = 1

/**
 * What a path holds, in one short text: `file 644 <sha256>`, `folder 755`, `link <text> → <resolved> 644 <sha256>`, `absent`,
 * `other` (a socket, a device).
 */
export type PathFact = string
export const absent: PathFact = 'absent'
