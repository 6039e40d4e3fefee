import { LakituError } from '../model/error.ts'
import type { FactValue } from '../model/facts.ts'
import type { Secrets } from './secrets.ts'

/** Error E_SECRET_IN_ARGV: every user of the machine can see the argv of every process. */
export function refuseInArgv(secrets: Secrets, task: string, words: readonly string[]): void {
  const [place, name] = first(secrets, words) ?? []
  if (name === undefined) return
  throw new LakituError({
    code: 'E_SECRET_IN_ARGV',
    headline: `${task} wants to give a program a secret in its argv, which everybody on this machine can read`,
    facts: { secret: name, word: place === '0' ? 'the program' : `argument ${place}` },
    next: 'Hand it over in the environment, exec(program, args, { env: { … } }), or on standard input, { input: … }.',
    family: 'usage',
  })
}

/** Error E_SECRET_IN_VALUE: what is recorded stands in files as it is. `what`: `The value`, `The note x`. */
export function refuseInValue<T>(secrets: Secrets, task: string, what: string, value: T & FactValue): T {
  const [place, name] = (secrets.areKnown && first(secrets, value)) || []
  if (name === undefined) return value
  throw new LakituError({
    code: 'E_SECRET_IN_VALUE',
    headline: `${what} of task ${task} holds the text of a secret, and it would be written down`,
    facts: { secret: name, place: place === '' ? undefined : secrets.mask(place ?? '') },
    next: 'Leave it out: whoever needs the secret declares it as an input of its own.',
    family: 'usage',
  })
}

/** The first place in which a secret stands, and which one it is. */
function first(secrets: Secrets, value: FactValue, path = ''): readonly [place: string, name: string] | undefined {
  if (typeof value === 'string' || typeof value === 'number') {
    // A short secret of digits stands in times and sizes by chance: of a number only the whole is one.
    const name = typeof value === 'number' ? secrets.exactly(String(value)) : secrets.within(value)
    return name === undefined ? undefined : [path, name]
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, part] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`
    const inKey = secrets.within(key)
    const found = inKey === undefined ? first(secrets, part, place) : ([place, inKey] as const)
    if (found) return found
  }
  return undefined
}
