import { LakituError } from '../model/error.ts'
import type { Task } from '../model/task.ts'
import { callsite } from './callsite.ts'

/**
 * A task for each item, by key: `each(hosts, (host) => host.name, (host) => task(…))`. The record goes into `tasks` as it is and into
 * `needs` spread out: `needs: { ...pings }`. Tasks with functions must differ by an input or a need. Error: E_DOUBLE_KEY.
 */
export function each<const T, K extends string, V>(
  list: readonly T[],
  key: (item: T) => K,
  make: (item: T, key: K) => Task<V>,
): Readonly<Record<K, Task<V>>> {
  const made = new Map<K, Task<V>>()
  for (const item of list) {
    const name = key(item)
    if (made.has(name)) throw doubleKey(name)
    made.set(name, make(item, name))
  }
  // The keys are exactly what `key` answered: what fromEntries says of any string.
  return Object.fromEntries(made) as Record<K, Task<V>>
}

function doubleKey(name: string): LakituError {
  return new LakituError({
    code: 'E_DOUBLE_KEY',
    headline: `each() was given two items with the key ${JSON.stringify(name)}`,
    facts: { called: callsite().site },
    next: 'Choose a key that is different for every item.',
    family: 'usage',
  })
}
