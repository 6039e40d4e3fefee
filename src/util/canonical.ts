/**
 * Canonical JSON as RFC 8785 (JCS) defines it: no white space, keys sorted by UTF-16 code unit, numbers and strings
 * as ECMAScript prints them. What JSON cannot hold is refused with the path to it, never dropped silently.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', [])
}

/** Why a value is not JSON, with its path (`$.hosts[2].size`). */
export class NotJsonError extends Error {
  readonly path: string
  constructor(path: string, what: string) {
    super(`${path} is ${what}, which JSON cannot hold`)
    this.path = path
  }
}

/** A frozen deep copy of `value`, with exactly what its canonical JSON says. */
export function jsonCopy<T>(value: T): T {
  return deepFreeze(JSON.parse(canonicalJson(value)))
}

/** `above`: the lists and objects that the value stands in. */
function write(value: unknown, path: string, above: readonly object[]): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value, path)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJsonError(path, String(value))
    return JSON.stringify(value)
  }
  if (typeof value === 'object') {
    if (above.includes(value)) throw new NotJsonError(path, 'an object that holds itself')
    return Array.isArray(value)
      ? writeList(value, path, [...above, value])
      : writeObject(value, path, [...above, value])
  }
  throw new NotJsonError(path, value === undefined ? 'undefined' : `a ${typeof value}`)
}

function writeString(value: string, path: string): string {
  if (!value.isWellFormed()) throw new NotJsonError(path, 'a string with half of a surrogate pair')
  return JSON.stringify(value)
}

function writeList(list: readonly unknown[], path: string, above: readonly object[]): string {
  const parts: string[] = []
  for (let i = 0; i < list.length; i += 1) parts.push(write(list[i], `${path}[${i}]`, above))
  return `[${parts.join(',')}]`
}

function writeObject(object: object, path: string, above: readonly object[]): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null && !isModule(object)) {
    throw new NotJsonError(path, `an instance of ${object.constructor?.name ?? 'a class'}`)
  }
  const parts: string[] = []
  for (const [key, value] of Object.entries(object).sort(byKey)) {
    // An optional property that is absent and one that is undefined mean the same to whoever wrote the type.
    if (value === undefined) continue
    parts.push(`${writeString(key, path)}:${write(value, `${path}.${key}`, above)}`)
  }
  return `{${parts.join(',')}}`
}

function isModule(object: object): boolean {
  return Object.prototype.toString.call(object) === '[object Module]'
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return byCodeUnit(a[0], b[0])
}

/** The one order for text that goes into a hash or a list: by UTF-16 code unit, the same on every machine. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** JSON that nobody can change any more, what is in it included; what is frozen already is not gone through. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}
