import { describe, expect, it } from 'vitest'
import { bytes, count, duration, listing, nearest } from '../../../src/util/text.ts'

describe('the nearest name', () => {
  const names = ['apply', 'ping', 'smoke-test', 'smoke', 'vm-up', 'destroy']
  it.each([
    ['aply', 'apply'],
    ['aplpy', 'apply'],
    ['smok', 'smoke'],
    ['pign', 'ping'],
    ['vmup', 'vm-up'],
    ['dest', 'destroy'],
    ['zzz', undefined],
    ['', undefined],
  ])('to %j is %j', (word, name) => {
    expect(nearest(word, names)).toBe(name)
  })
})

it.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [3_240, '3.2 s'],
  [99_960, '1 min 40 s'],
  [125_000, '2 min 05 s'],
  [119_700, '2 min 00 s'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [14_500_000, '15 MB'],
  [9_960_000, '10 MB'],
  [999_999, '1.0 MB'],
])('%d bytes are %s', (n, text) => {
  expect(bytes(n)).toBe(text)
})

it('counts and lists', () => {
  expect([count(1, 'task'), count(0, 'task'), count(2, 'entry', 'entries')]).toEqual(['1 task', '0 tasks', '2 entries'])
  expect([listing([]), listing(['a']), listing(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
  expect(listing(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
})
