import { LakituError } from '../model/error.ts'
import { duration } from '../util/text.ts'
import { DoesNotEndError } from './begun.ts'
import type { Attempt } from './context.ts'

/** One attempt, stopped by the ladder and failed when it takes longer than its task says. Error: E_TIMEOUT. */
export async function withinTime<T extends object>(
  attempt: Attempt,
  run: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const { timeout } = attempt.node.definition
  if (timeout === undefined) return run(attempt)
  const limit = new AbortController()
  const over = new AbortController()
  const isLate = () => limit.signal.aborted && !attempt.signal.aborted
  void attempt.project.ports.clock.wait(timeout, over.signal).then(() => {
    if (!over.signal.aborted) limit.abort()
  })
  try {
    const ended = await run({ ...attempt, signal: AbortSignal.any([attempt.signal, limit.signal]) })
    if (isLate() && 'outcome' in ended && ended.outcome === 'stopped') throw tooLate(attempt, timeout)
    return ended
  } catch (error) {
    throw isLate() && !(error instanceof DoesNotEndError) ? tooLate(attempt, timeout) : error
  } finally {
    over.abort()
  }
}

function tooLate({ node }: Attempt, timeout: number): LakituError {
  return new LakituError({
    code: 'E_TIMEOUT',
    headline: `${node.name} did not end within ${duration(timeout)} and was stopped`,
    facts: { declared: node.definition.site },
    next: 'Give it more (timeout, in ms), or see in its log where it hangs.',
  })
}
