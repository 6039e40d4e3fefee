/** A small seeded generator (mulberry32), so that a failing property names the seed that repeats it. */
export interface Random {
  /** A whole number from 0 up to, and without, `below`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

export function random(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[int(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}

/** Runs the property for each seed; what fails says with which. `SEEDS=17` runs only that one, `SEEDS=0-5000` a range. */
export async function forSeeds(count: number, property: (random: Random, seed: number) => void | Promise<void>) {
  const [first = 0, last = first] = (process.env['SEEDS'] ?? `0-${count - 1}`).split('-').map(Number)
  for (let seed = first; seed <= last; seed += 1) {
    try {
      await property(random(seed), seed)
    } catch (error) {
      throw new Error(`with SEEDS=${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
}
