import type { Facts, FactValue, Fingerprint } from '../model/facts.ts'
import type { Reason } from '../model/reason.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { sha256Stream } from '../util/digest.ts'

/** One place in the facts and what stands there, as JSON text. */
export interface Leaf {
  readonly path: readonly (string | number)[]
  readonly text: string
}

/**
 * The one traversal: the fingerprint is the hash of these leaves and the reasons are their differences, so that why a
 * task runs can never drift from whether it runs. Empty lists and records are leaves, or they would not count.
 */
export function* leaves(value: FactValue, path: readonly (string | number)[] = []): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) {
    yield { path, text: JSON.stringify(value) }
  } else if (isList(value)) {
    if (value.length === 0) yield { path, text: '[]' }
    for (const [i, part] of value.entries()) yield* leaves(part, [...path, i])
  } else {
    const keys = Object.keys(value).sort(byCodeUnit)
    if (keys.length === 0) yield { path, text: '{}' }
    for (const key of keys) yield* leaves(value[key] ?? null, [...path, key])
  }
}

function isList(value: FactValue): value is readonly FactValue[] {
  return Array.isArray(value)
}

export function fingerprintOf(facts: Facts): Fingerprint {
  const digest = sha256Stream()
  for (const leaf of leaves(facts)) digest.update(`${keyOf(leaf)}=${leaf.text}\n`)
  return digest.digest()
}

/** Numbers and strings stay apart in it: `[0]` is not `["0"]`. */
function keyOf(leaf: Leaf): string {
  return JSON.stringify(leaf.path)
}

export type FactReason = Extract<Reason, { kind: 'fact' }>

/** Every place in which the facts differ; empty exactly when the fingerprints are equal. */
export function differences(before: Facts, after: Facts): readonly FactReason[] {
  const old = new Map<string, Leaf>()
  for (const leaf of leaves(before)) old.set(keyOf(leaf), leaf)
  const reasons: FactReason[] = []
  for (const leaf of leaves(after)) {
    const was = old.get(keyOf(leaf))
    old.delete(keyOf(leaf))
    if (was?.text !== leaf.text) reasons.push(reasonOf(was, leaf))
  }
  for (const leaf of old.values()) reasons.push(reasonOf(leaf, undefined))
  return reasons
}

function reasonOf(before: Leaf | undefined, after: Leaf | undefined): FactReason {
  const path = (after ?? before)?.path.map(String) ?? []
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return {
    kind: 'fact',
    path,
    change,
    ...(before && shown(before.text) !== undefined ? { before: shown(before.text) ?? '' } : {}),
    ...(after && shown(after.text) !== undefined ? { after: shown(after.text) ?? '' } : {}),
  }
}

/** A value as people want to see it; content hashes tell them nothing. */
function shown(text: string): string | undefined {
  if (/[0-9a-f]{64}/.test(text)) return undefined
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
