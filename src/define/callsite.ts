import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { plainUrl } from '../util/paths.ts'

const engine = new URL('../', import.meta.url).href
const own = new URL('.', import.meta.url).href
const kits = new URL('../kits/', import.meta.url).href
const bin = new URL('../../bin/', import.meta.url).href

export interface Callsite {
  /** File URLs of the modules on the stack, the nearest first, without the engine's own. */
  readonly modules: readonly string[]
  /** `file:line` of the nearest, for messages. */
  readonly site: string
  /** Every frame of these modules as `url:line:column`; '' where there is none. */
  readonly stack: string
}

interface Place {
  readonly url: string
  readonly line: number
  readonly column: number
}

type AnyFunction = (...args: never[]) => unknown

/** One for each stack: many tasks come from one place. */
const known = new Map<string, Callsite>()

/** Who is calling: the modules whose code decides what the declared task does. Frames down to `below` are left out. */
export function callsite(below: AnyFunction = callsite): Callsite {
  const places: Place[] = []
  for (const frame of framesBelow(below, 50)) {
    const url = urlOf(frame.getFileName())
    if (url === undefined || url.startsWith(own)) continue
    // Below the engine's own frames there is only what called lakitu.
    if (isEngine(url)) break
    places.push({ url, line: frame.getLineNumber() ?? 0, column: frame.getColumnNumber() ?? 0 })
  }
  const stack = places.map(({ url, line, column }) => `${url}:${line}:${column}`).join('\n')
  const found = known.get(stack) ?? fromPlaces(places, stack)
  known.set(stack, found)
  return found
}

/** The URL of the file whose code called `below`; undefined where that is Node itself. */
export function callerOf(below: AnyFunction): string | undefined {
  const frames = framesBelow(below, 10)
  return urlOf(frames.map((frame) => frame.getFileName()).find((file) => typeof file === 'string'))
}

function framesBelow(below: AnyFunction, limit: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = limit
    Error.prepareStackTrace = (_error, frames) => frames
    const holder: { readonly stack?: unknown } = {}
    Error.captureStackTrace(holder, below)
    const { stack } = holder
    return Array.isArray(stack) ? stack : []
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

function fromPlaces(places: readonly Place[], stack: string): Callsite {
  const [nearest] = places
  const site = nearest ? `${fileURLToPath(nearest.url)}:${nearest.line}` : 'unknown'
  return { modules: [...new Set(places.map(({ url }) => url))], site, stack }
}

/** Of a module, the URL without its generation; a CommonJS module goes by its path. */
function urlOf(file: string | null | undefined): string | undefined {
  if (file?.startsWith('file:')) return plainUrl(file)
  return file && isAbsolute(file) ? pathToFileURL(file).href : undefined
}

/** The engine's code is a fact of its own (its format); kits decide what tasks do. */
function isEngine(url: string): boolean {
  return (url.startsWith(engine) && !url.startsWith(kits)) || url.startsWith(bin)
}
