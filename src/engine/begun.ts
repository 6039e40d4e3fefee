import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import type { Project } from './project.ts'

/** Who calls a function of a task. */
export interface Caller {
  readonly project: Project
  readonly node: Node
  readonly signal: AbortSignal
  /** Aborted when there is no time left to end by itself. */
  readonly hurry: AbortSignal
  /** Programs and downloads that the function began and that have not ended. */
  readonly begun: Set<Promise<unknown>>
}

/** Counts it as begun until it ends. */
export function begin<T>({ begun }: Pick<Caller, 'begun'>, promise: Promise<T>): Promise<T> {
  begun.add(promise)
  const forget = () => void begun.delete(promise)
  promise.then(forget, forget)
  return promise
}

/**
 * Calls a function of a task. What still runs when it has ended (it failed beside a program, or did not wait for one) is stopped by the
 * ladder before this settles: it would write behind everybody's back, and into the next attempt. Error, where nothing else went
 * wrong: E_NOT_AWAITED, since nobody knows what was left undone. A function that does not end when it is stopped is left to itself after as
 * long as a program has: E_DOES_NOT_END.
 */
export async function endingAll<C extends Caller, T>(
  caller: C,
  call: (caller: C) => T,
  effect: Node = caller.node,
): Promise<Awaited<T>> {
  const over = new AbortController()
  const begun = new Set<Promise<unknown>>()
  try {
    const own = { ...caller, begun, signal: AbortSignal.any([caller.signal, over.signal]) }
    const value = await Promise.race([call(own), heedless(own, over.signal, effect)])
    if (begun.size > 0 && !caller.signal.aborted) throw notAwaited(effect)
    return value
  } finally {
    over.abort()
    while (begun.size > 0) await Promise.allSettled(begun)
  }
}

/** In ms. */
const grace = 10_000
const hurriedGrace = 500

/** Rejects when the function was stopped, nothing that it began runs any more, and it still has not ended. */
async function heedless({ project, signal, hurry, begun }: Caller, over: AbortSignal, node: Node): Promise<never> {
  const { clock } = project.ports
  await aborted(signal)
  while (begun.size > 0) await Promise.allSettled(begun)
  await clock.wait(grace, AbortSignal.any([hurry, over]))
  if (hurry.aborted) await clock.wait(hurriedGrace, over)
  // It ended well after all: nobody waits for this.
  if (over.aborted) return new Promise(() => {})
  const error = new DoesNotEndError(node)
  project.emit({ type: 'notice', at: clock.now(), level: 'warning', text: error.message, task: node.name })
  throw error
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What it does from now on nobody knows, so it must not be begun once more beside itself. */
export class DoesNotEndError extends LakituError {
  constructor({ name, definition }: Node) {
    super({
      code: 'E_DOES_NOT_END',
      headline: `The function of ${name} was stopped and does not end: lakitu waits for it no longer`,
      facts: { declared: definition.site },
      next: 'Let it end when ctx.signal is aborted; fetch, timers and the like take that as an option.',
    })
  }
}

function notAwaited({ name, definition }: Node): LakituError {
  return new LakituError({
    code: 'E_NOT_AWAITED',
    headline: `The function of ${name} ended while a program or a download that it began still ran, which was stopped`,
    facts: { declared: definition.site },
    next: 'Await, or return, each promise that it starts.',
  })
}
