import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'

/** Who calls a function of a task. */
export interface Caller {
  readonly node: Node
  readonly signal: AbortSignal
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
 * wrong: E_NOT_AWAITED, since nobody knows what was left undone.
 */
export async function endingAll<C extends Caller, T>(
  caller: C,
  call: (caller: C) => T,
  effect: Node = caller.node,
): Promise<Awaited<T>> {
  const over = new AbortController()
  const begun = new Set<Promise<unknown>>()
  try {
    const value = await call({ ...caller, begun, signal: AbortSignal.any([caller.signal, over.signal]) })
    if (begun.size > 0 && !caller.signal.aborted) throw notAwaited(effect)
    return value
  } finally {
    over.abort()
    while (begun.size > 0) await Promise.allSettled(begun)
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
