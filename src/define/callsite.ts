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
}

/** Who is calling: the modules whose code decides what the declared task does. */
export function callsite(): Callsite {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 50
    Error.prepareStackTrace = (_error, frames) => frames
    const { stack } = new Error('where') as { stack?: unknown }
    return fromFrames(Array.isArray(stack) ? stack : [])
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

function fromFrames(frames: readonly NodeJS.CallSite[]): Callsite {
  const modules = new Set<string>()
  let site = 'unknown'
  for (const frame of frames) {
    const file = frame.getFileName()
    if (!file?.startsWith('file:')) continue
    const url = plainUrl(file)
    if (url.startsWith(own)) continue
    // Below the engine's own frames there is only what called lakitu.
    if (isEngine(url)) break
    if (modules.size === 0) site = `${fileURLToPath(url)}:${frame.getLineNumber() ?? 0}`
    modules.add(url)
  }
  return { modules: [...modules], site }
}

/** The engine's code is a fact of its own (its format); kits decide what tasks do. */
function isEngine(url: string): boolean {
  return (url.startsWith(engine) && !url.startsWith(kits)) || url.startsWith(bin)
}
