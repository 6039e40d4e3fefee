import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/clock.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { JumpingClock } from '../../support/clock.ts'
import { random } from '../../support/random.ts'
import { Machine, noTrouble } from '../../torture/machine.ts'

interface World {
  readonly clock: Clock
  inside(work: () => Promise<void>): Promise<void>
}

const worlds: readonly { name: string; make: () => World }[] = [
  { name: 'the clock that jumps', make: () => ({ clock: new JumpingClock(), inside: (work) => work() }) },
  {
    name: 'the clock of the simulated machine',
    make: () => {
      const machine = new Machine(random(1), 0)
      return { clock: machine.clock, inside: async (work) => void (await machine.drive(noTrouble, work)) }
    },
  },
  { name: 'the clock of the system', make: () => ({ clock: systemClock, inside: (work) => work() }) },
]

/** A timer of the system may be early by a part of a millisecond. */
const grain = 1

describe.each(worlds)('$name', ({ make }) => {
  const on = (what: string, test: (clock: Clock) => Promise<void>) =>
    it(what, () => {
      const { clock, inside } = make()
      return inside(() => test(clock))
    })

  on('waits as long as it was asked, for whoever is to come first first', async (clock) => {
    const begun = clock.ticks()
    const order: number[] = []
    const waited = async (ms: number) => {
      await clock.wait(ms)
      order.push(ms)
      expect(clock.ticks() - begun).toBeGreaterThanOrEqual(ms - grain)
    }
    await Promise.all([waited(30), waited(10), waited(20), waited(0)])
    expect(order).toEqual([0, 10, 20, 30])
  })

  on('ends a wait at once, and without an error, when that is aborted, before it or during it', async (clock) => {
    const begun = clock.ticks()

    await clock.wait(3_600_000, AbortSignal.abort())
    const stop = new AbortController()
    const waiting = clock.wait(3_600_000, stop.signal)
    stop.abort()
    await waiting
    expect(clock.ticks() - begun).toBeLessThan(60_000)
  })

  on('never goes back, and knows what year it is', async (clock) => {
    let last = clock.ticks()
    for (let i = 0; i < 5; i += 1) {
      await clock.wait(1)
      expect(clock.ticks()).toBeGreaterThanOrEqual(last)
      last = clock.ticks()
    }
    expect(clock.now()).toBeGreaterThan(Date.UTC(2020, 0))
  })
})
