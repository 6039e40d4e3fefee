import { setTimeout as wait } from 'node:timers/promises'

/** Asks again and again until the answer is not undefined or false; fails with `what` when that takes too long. */
export async function until<T>(what: string, ask: () => T, deadline = 20_000): Promise<NonNullable<T>> {
  const end = performance.now() + deadline
  for (;;) {
    const answer = ask()
    if (answer !== undefined && answer !== null && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waited ${deadline / 1000} s for ${what}`)
    await wait(20)
  }
}
