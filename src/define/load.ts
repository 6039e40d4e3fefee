import { LakituError } from '../model/error.ts'
import { type Callsite, callsite } from './callsite.ts'

/** What looks at the world for a config that is being loaded, and remembers for whom. */
export interface Loading {
  glob(patterns: readonly string[], caller: Callsite): readonly string[]
  /** Undefined where nothing is. */
  read(path: string, caller: Callsite): string | undefined
}

let current: Loading | undefined

/** Lets `load` look through `loading`, until it ends. */
export async function whileLoading<T>(loading: Loading, load: () => Promise<T>): Promise<T> {
  current = loading
  try {
    return await load()
  } finally {
    current = undefined
  }
}

/**
 * The files that the patterns mean now, while the config loads: paths relative to the project's root, sorted by code unit, found
 * by the rules of `files()`, but of files that no task makes. The list is part of the code of the modules that asked; a watch
 * loads the config again when it changes. Errors: E_NOT_LOADING; E_LOADS_OUTPUT where a task makes what was matched.
 */
export function glob(...patterns: readonly string[]): readonly string[] {
  const loading = current ?? notLoading('glob')
  return loading.glob(patterns, callsite())
}

/**
 * The text of a file now, while the config loads, `undefined` where nothing is. Its content is part of the code of the modules
 * that asked; a watch loads the config again when it changes. Errors: E_NOT_LOADING; E_LOADS_OUTPUT where a task makes it.
 */
export function read(path: string): string | undefined {
  const loading = current ?? notLoading('read')
  return loading.read(path, callsite())
}

/** As `read`, and what JSON the text is. Error: E_JSON_SYNTAX. */
export function json(path: string): unknown {
  const loading = current ?? notLoading('json')
  const caller = callsite()
  const text = loading.read(path, caller)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    throw new LakituError({
      code: 'E_JSON_SYNTAX',
      headline: `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      facts: { file: path, read: caller.site },
      next: 'Mend the file, then run the same command again.',
      family: 'usage',
      cause: error,
    })
  }
}

function notLoading(what: string): never {
  throw new LakituError({
    code: 'E_NOT_LOADING',
    headline: `${what}() was called after the config had loaded`,
    facts: { called: callsite().site },
    next: 'Declare files(…) as an input and use ctx.inputs, or read with ctx.read(path).',
    family: 'usage',
  })
}
