import { LakituError, reportOf } from '../model/error.ts'

/** What was thrown where nobody can catch it: by a promise that a task's function started and did not wait for, or in a timer. */
export function strayError(thrown: unknown): LakituError {
  const { headline, facts, next } = reportOf(thrown)
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const [, at] = /^\s+at (.*)$/m.exec(stack) ?? []
  return new LakituError({
    code: 'E_NOT_AWAITED',
    headline: `An error came up that nobody waited for: ${headline}`,
    facts: { ...facts, at },
    next: `Await, or return, each promise that a function of a task starts: then lakitu can say which task failed.${next ? `\n${next}` : ''}`,
  })
}
