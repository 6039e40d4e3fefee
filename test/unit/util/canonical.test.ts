import { describe, expect, it } from 'vitest'
import { canonicalJson, jsonCopy, NotJsonError } from '../../../src/util/canonical.ts'
import { forSeeds, type Random } from '../../support/random.ts'

describe('canonical JSON is RFC 8785', () => {
  it('gives the example of section 3.2.2 of the RFC', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    }
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts keys by UTF-16 code unit, as section 3.2.3 does', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    const sorted = ['Carriage Return', 'One', 'Control', 'Latin Small', 'Euro Sign', 'Emoji', 'Hebrew']
    const text = canonicalJson(value)
    const places = sorted.map((word) => text.indexOf(word))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  it.each([
    [-0, '0'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [Number('9007199254740993'), '9007199254740992'],
    ['\u2028', '"\u2028"'],
    [{ b: undefined, a: 1 }, '{"a":1}'],
    [{ ['__proto__']: 1 }, '{"__proto__":1}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  const circle: Record<string, unknown> = { name: 'circle' }
  circle['inside'] = [circle]
  it.each<[string, unknown, string]>([
    ['undefined in a list', { hosts: [1, undefined] }, '$.hosts[1] is undefined, which JSON cannot hold'],
    ['a hole in a list', new Array(2), '$[0] is undefined, which JSON cannot hold'],
    ['not a number', { size: Number.NaN }, '$.size is NaN, which JSON cannot hold'],
    ['infinity', [Number.POSITIVE_INFINITY], '$[0] is Infinity, which JSON cannot hold'],
    ['a function', { a: { run: () => 1 } }, '$.a.run is a function, which JSON cannot hold'],
    ['a bigint', { n: 1n }, '$.n is a bigint, which JSON cannot hold'],
    ['a date', { at: new Date(0) }, '$.at is an instance of Date, which JSON cannot hold'],
    ['a map', [new Map()], '$[0] is an instance of Map, which JSON cannot hold'],
    ['half a surrogate pair', ['\ud800'], '$[0] is a string with half of a surrogate pair, which JSON cannot hold'],
    ['such a key', { '\udc00': 1 }, '$ is a string with half of a surrogate pair, which JSON cannot hold'],
    ['what holds itself', circle, '$.inside[0] is an object that holds itself, which JSON cannot hold'],
  ])('refuses %s and says where', (_what, value, message) => {
    expect(() => canonicalJson(value)).toThrow(NotJsonError)
    expect(() => canonicalJson(value)).toThrow(message)
  })

  it('writes the same object twice where it stands in two places', () => {
    const shared = { a: 1 }
    expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })

  it('does not depend on the order in which keys were added, and reads back as it was', async () => {
    await forSeeds(300, (random) => {
      const value = randomJson(random, 3)
      expect(canonicalJson(shuffled(random, value))).toBe(canonicalJson(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(value)
    })
  })
})

describe('a JSON copy', () => {
  it('is frozen all the way down and no longer the original', () => {
    const original = { a: { b: [1] } }
    const copy = jsonCopy(original)
    original.a.b.push(2)
    expect(copy).toEqual({ a: { b: [1] } })
    expect(() => copy.a.b.push(2)).toThrow(TypeError)
  })
})

function randomJson(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.3)) return random.pick([null, true, 0, 1.5, '', 'é', 'b', '10'])
  const size = random.int(4)
  if (random.chance(0.4)) return Array.from({ length: size }, () => randomJson(random, depth - 1))
  return Object.fromEntries(
    Array.from({ length: size }, () => [random.pick(['a', 'B', 'é', '2', '10', '']), randomJson(random, depth - 1)]),
  )
}

function shuffled(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => shuffled(random, part))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, part]) => ({ key, part, rank: random.int(1000) }))
  return Object.fromEntries(
    entries.sort((a, b) => a.rank - b.rank).map(({ key, part }) => [key, shuffled(random, part)]),
  )
}
