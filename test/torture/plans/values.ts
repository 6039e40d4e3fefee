export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** A task, a play or another mapping as it is written. */
export interface Task {
  readonly [key: string]: Value
}

export function record(value: Value | undefined): Task {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Task) : {}
}

/** One or several, each made into what is wanted. */
export function texts<T>(value: Value, make: (one: Value) => T): T[] {
  if (value === null) return []
  return Array.isArray(value) ? value.map((one: Value) => make(one)) : [make(value)]
}
