import { distance } from 'fastest-levenshtein'

/** The candidate that was probably meant, or undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word === '') return undefined
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    // Of the names that begin with it, the shortest.
    const d = candidate.startsWith(word) ? 1 + candidate.length / 10_000 : distance(word, candidate)
    if (d < least) [best, least] = [candidate, d]
  }
  return best
}

/** 840 ms, 3.2 s, 2 min 05 s. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

/** 512 B, 1.4 MB, 15 MB (decimal units, as download sites print them). */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = n / 1000
  let unit = 0
  // Not what is printed as 1000 either.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`
}

/** `1 task`, `3 tasks`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** `a, b and c`; of a long list only the first few, and how many more there are. */
export function listing(items: readonly string[], most = 6): string {
  if (items.length > most) return `${items.slice(0, most).join(', ')} and ${items.length - most} more`
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** For the end of a switch over a union: the compiler proves that nothing gets here. */
export function never(value: never): never {
  throw new TypeError(`unexpected: ${JSON.stringify(value)}`)
}
