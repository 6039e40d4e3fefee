import { describe, expect, it } from 'vitest'
import { differences, fingerprintOf } from '../../../src/fingerprint/leaves.ts'
import type { Facts, FactValue } from '../../../src/model/facts.ts'
import { reasonText } from '../../../src/model/reason.ts'
import { forSeeds, type Random } from '../../support/random.ts'

describe('fingerprint and differences', () => {
  it('are two views of one thing: no difference exactly when the fingerprints are equal', async () => {
    let equal = 0
    await forSeeds(3000, (random) => {
      const before = randomFacts(random)
      const after = random.chance(0.3) ? JSON.parse(JSON.stringify(before)) : mutated(random, before)
      const same = fingerprintOf(before) === fingerprintOf(after)
      expect(differences(before, after).length === 0).toBe(same)
      expect(differences(after, before).length === 0).toBe(same)
      if (same) equal += 1
    })
    if (process.env['SEEDS'] === undefined) expect(equal).toBeGreaterThan(300)
  })

  it.each<[string, FactValue, FactValue]>([
    ['the order of a list', ['a', 'b'], ['b', 'a']],
    ['an empty list and an empty record', [], {}],
    ['an empty list and nothing', { a: [], b: 1 }, { b: 1 }],
    ['an empty list and its text', [], '[]'],
    ['an empty record and null', {}, null],
    ['a list and a record with numbers as names', ['x'], { 0: 'x' }],
    ['a number and its text', 1, '1'],
    ['null and its text', null, 'null'],
    ['true and its text', true, 'true'],
    ['one word with a blank and two words', ['a b'], ['a', 'b']],
    ['where a word ends', ['ab', 'c'], ['a', 'bc']],
    ['a name with a separator in it', { 'a.b': 1 }, { a: { b: 1 } }],
    ['a line end that looks like another leaf', 'a\n["x","b"]="c"', 'a'],
    ['the two Unicode forms', 'caf\u00e9', 'cafe\u0301'],
  ])('tell apart %s', (_what, one, other) => {
    expect(fingerprintOf({ x: one })).not.toBe(fingerprintOf({ x: other }))
    expect(differences({ x: one }, { x: other })).not.toEqual([])
  })

  it('do not depend on the order in which names were added', () => {
    expect(fingerprintOf({ a: 1, b: { c: 2, d: 3 } })).toBe(fingerprintOf({ b: { d: 3, c: 2 }, a: 1 }))
  })
})

describe('a difference', () => {
  const hash = 'a'.repeat(64)
  it.each<[string, Facts, Facts, readonly string[]]>([
    ['a changed value', { env: { CC: 'gcc' } }, { env: { CC: 'clang' } }, ['env › CC: "gcc" → "clang"']],
    ['a new one', { env: {} }, { env: { CC: 'gcc' } }, ['env › CC is new: "gcc"', 'env is gone']],
    ['one that is gone', { a: { x: 1, y: 2 } }, { a: { x: 1 } }, ['a › y is gone']],
    [
      'content, whose hash tells people nothing',
      { inputs: { src: { 'a.c': `file 644 ${hash}` } } },
      { inputs: { src: { 'a.c': `file 644 ${hash.replace('a', 'b')}` } } },
      ['inputs › src › a.c changed'],
    ],
    ['a word of the argv', { argv: ['cc', '-O1'] }, { argv: ['cc', '-O2'] }, ['argv › 1: "-O1" → "-O2"']],
  ])('says %s', (_what, before, after, text) => {
    expect(differences(before, after).map(reasonText)).toEqual(text)
  })

  it('shows no hash of a content: it tells nobody anything', () => {
    const [reason] = differences({ a: `file 644 ${'0'.repeat(64)}` }, { a: `file 644 ${'1'.repeat(64)}` })
    expect(reason).toEqual({ kind: 'fact', path: ['a'], change: 'changed' })
  })

  it('cuts a long value', () => {
    const [reason] = differences({ a: 'x'.repeat(500) }, { a: 'y' })
    expect(reason?.before).toHaveLength(78)
  })
})

function randomFacts(random: Random): Facts {
  return Object.fromEntries(Array.from({ length: 1 + random.int(3) }, () => [name(random), randomValue(random, 3)]))
}

function randomValue(random: Random, depth: number): FactValue {
  if (depth === 0 || random.chance(0.3))
    return random.pick<FactValue>([null, true, 0, 1, '', '0', '1', '[]', '{}', 'a'])
  const parts = Array.from({ length: random.int(3) }, () => randomValue(random, depth - 1))
  if (random.chance(0.5)) return parts
  return Object.fromEntries(parts.map((part) => [name(random), part]))
}

function name(random: Random): string {
  return random.pick(['0', '1', 'a', 'b', ''])
}

/** The same facts with one place made anew. */
function mutated(random: Random, facts: Facts): Facts {
  const keys = Object.keys(facts)
  return { ...facts, [random.chance(0.2) ? name(random) : random.pick(keys)]: randomValue(random, 3) }
}
