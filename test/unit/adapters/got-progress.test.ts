import { expect, test } from 'vitest'
import { meter } from '../../../src/adapters/http/progress.ts'

function watched() {
  let now = 0
  const said: (readonly [done: number, total: number | undefined, rate: number])[] = []
  const seen = meter(
    () => now,
    (...report) => void said.push(report),
  )
  let done = 0
  const step = (ms: number, bytes: number) => {
    now += ms
    done += bytes
    seen.came(bytes, done, 1_000_000)
  }
  return { said, step, seen }
}

test('progress is told some ten times a second, however many pieces come, and at the end', () => {
  const { said, step, seen } = watched()
  for (let i = 0; i < 1000; i += 1) step(1, 10)
  expect(said).toHaveLength(10)
  seen.last()
  expect(said.at(-1)?.[0]).toBe(10_000)
  const told = said.length
  seen.last()
  expect(said).toHaveLength(told)
})

test('the rate is that of the last seconds', () => {
  const { said, step } = watched()
  for (let i = 0; i < 100; i += 1) step(100, 1000)
  expect(said.at(-1)?.[2]).toBeCloseTo(10_000, -2)
  for (let i = 0; i < 10; i += 1) step(100, 10_000)
  const rising = said.at(-1)?.[2] ?? 0
  expect(rising).toBeGreaterThan(20_000)
  expect(rising).toBeLessThan(60_000)
  for (let i = 0; i < 40; i += 1) step(100, 10_000)
  expect(said.at(-1)?.[2]).toBeCloseTo(100_000, -3)
})

test('what an earlier call left counts as done, and not for the rate', () => {
  const said: number[] = []
  let now = 0
  const seen = meter(
    () => now,
    (_done, _total, rate) => void said.push(rate),
  )
  now = 1000
  seen.came(500, 1_000_500, undefined)
  expect(said).toEqual([500])
})
