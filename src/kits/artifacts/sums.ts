import { LakituError } from 'lakitu'

/** The sum of each file in a list with lines of `<64 hex digits>  <file>`; one that is there twice is E_SUM_TWICE. */
export function sumsIn(list: string, from: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>()
  for (const line of list.split('\n')) {
    const [, sum = '', name] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? []
    if (name === undefined) continue
    if (sums.has(name)) throw twice(name, from)
    sums.set(name, sum.toLowerCase())
  }
  return sums
}

/** The sum of one file. Errors: E_NO_SUM, E_SUM_TWICE. */
export function sumOf(file: string, list: string, from: string): string {
  const sums = sumsIn(list, from)
  const sum = sums.get(file)
  if (sum !== undefined) return sum
  throw new LakituError({
    code: 'E_NO_SUM',
    headline: `The list of sums has no ${file}`,
    facts: { list: from, files: `${sums.size}` },
    next: 'This version was not made for this kind of machine: choose another version.',
  })
}

function twice(name: string, from: string): LakituError {
  return new LakituError({
    code: 'E_SUM_TWICE',
    headline: `The list of sums has ${name} twice`,
    facts: { list: from },
    next: 'Nobody can tell which one is meant: use another source, or another version.',
  })
}
