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

/** Of a file what it holds, and its mode. */
export function fileFact(fact: PathFact): { readonly mode: number; readonly hash: Sha256 } | undefined {
  const [, mode, hash] = /^file ([0-7]+) ([0-9a-f]{64})$/.exec(fact) ?? []
  return mode === undefined ? undefined : { mode: Number.parseInt(mode, 8), hash: hash as Sha256 }
}
