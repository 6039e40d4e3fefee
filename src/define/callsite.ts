import { fileURLToPath } from 'node:url'
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

type AnyFunction = (...args: never[]) => unknown

/** One for each stack: many tasks come from one place. */
const known = new Map<string, Callsite>()

/** Who is calling: the modules whose code decides what the declared task does. Frames down to `below` are left out. */
export function callsite(below: AnyFunction = callsite): Callsite {
  const frames: NodeJS.CallSite[] = []
  for (const frame of framesBelow(below, 50)) {
    const file = frame.getFileName()
    if (!file?.startsWith('file:') || file.startsWith(own)) continue
    // Below the engine's own frames there is only what called lakitu.
    if (isEngine(file)) break
    frames.push(frame)
  }
  const stack = frames.map(placeOf).join('\n')
  const found = known.get(stack) ?? fromFrames(frames, stack)
  known.set(stack, found)
  return found
}

/** The file, as Node names it (a URL, a path, `node:…`), whose code called `below`. */
export function callerOf(below: AnyFunction): string | undefined {
  return framesBelow(below, 10)
    .map((frame) => frame.getFileName())
    .find((file) => typeof file === 'string')
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

function fromFrames(frames: readonly NodeJS.CallSite[], stack: string): Callsite {
  const modules = new Set(frames.map(urlOf))
  const [nearest] = frames
  const site = nearest ? `${fileURLToPath(urlOf(nearest))}:${nearest.getLineNumber() ?? 0}` : 'unknown'
  return { modules: [...modules], site, stack }
}

function urlOf(frame: NodeJS.CallSite): string {
  return plainUrl(frame.getFileName() ?? '')
}

function placeOf(frame: NodeJS.CallSite): string {
  return `${urlOf(frame)}:${frame.getLineNumber() ?? 0}:${frame.getColumnNumber() ?? 0}`
}

/** The engine's code is a fact of its own (its format); kits decide what tasks do. */
function isEngine(url: string): boolean {
  return (url.startsWith(engine) && !url.startsWith(kits)) || url.startsWith(bin)
}
