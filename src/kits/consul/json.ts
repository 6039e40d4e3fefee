/** Reading JSON that somebody else made: every step may find something else than expected. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value under these names, or undefined where one is missing. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  let found = value
  for (const name of names) found = isRecord(found) ? found[name] : undefined
  return found
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function textList(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string')
}
