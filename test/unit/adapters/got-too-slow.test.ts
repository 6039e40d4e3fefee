import { expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { notTooSlow } from '../../../src/adapters/http/too-slow.ts'
import { noise, place, useMirror } from '../../support/downloading.ts'

const mirror = useMirror()

test('a server that drips is given up after a minute, and what came is not asked for again', async () => {
  let now = 0
  // Each look at the clock is 10 s later than the one before.
  const ticks = () => {
    now += 10_000
    return now
  }
  const content = noise(50_000)
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'slow', piece: 500, pause: 5 })
  const slow = await place((pause) => gotHttp({ pause, ticks, environment: {} }))
  await expect(slow.get(`${mirror().url}/file`)).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    family: 'world',
    message: expect.stringContaining('is too slow'),
    next: expect.any(String),
  })
  expect(mirror().answers).toHaveLength(1)
  const came = (await slow.content()).length
  expect(came).toBeGreaterThan(0)
})

test('1 kB a second is enough, and a minute is judged by itself', () => {
  let now = 0
  const came = notTooSlow(() => now)
  for (let second = 0; second < 300; second += 1) {
    now += 1000
    came(1000)
  }
  now += 59_000
  came(1)
  now += 1000
  expect(() => came(1)).toThrow('less than 1 kB a second')
})
