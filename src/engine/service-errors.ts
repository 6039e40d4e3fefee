import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import { duration, listing } from '../util/text.ts'

/** What ended a service's program: nothing where it simply came to its end. */
export type Cause = unknown

/** Its program ended before it was ready. What says more by itself (a program that is not there, a bug) is told as it is. */
export function endedEarly(node: Node, cause: Cause): unknown {
  return isPlainEnd(cause) ? ended(node, 'before it was ready', cause) : cause
}

/** Its program ended by itself while these needed it; none: while it was asked for. */
export function endedMeanwhile(node: Node, cause: Cause, users: readonly Node[]): unknown {
  const names = listing(users.map((user) => user.name))
  return isPlainEnd(cause) ? ended(node, users.length === 0 ? 'by itself' : `while ${names} needed it`, cause) : cause
}

function isPlainEnd(cause: Cause): boolean {
  return cause === undefined || (cause instanceof LakituError && cause.code === 'E_COMMAND_FAILED')
}

function ended({ name, definition }: Node, when: string, cause: Cause): LakituError {
  const failed = cause instanceof LakituError ? cause : undefined
  return new LakituError({
    code: 'E_SERVICE_ENDED',
    headline: `Service ${name} ended ${when}`,
    facts: {
      how: failed?.message ?? 'it came to its end without an error',
      ...failed?.facts,
      declared: definition.site,
    },
    next: `lakitu log ${name} shows what it said. Its program has to stay in the foreground.`,
    cause,
  })
}

/** `last`: what its probe answered last. */
export function notReady({ name, definition }: Node, last: string): LakituError {
  const { timeout = 0 } = definition.service ?? {}
  return new LakituError({
    code: 'E_SERVICE_NOT_READY',
    headline: `Service ${name} was not ready within ${duration(timeout)} and was stopped`,
    facts: { probe: last, declared: definition.site },
    next: `lakitu log ${name} shows what it said. One that needs longer says so: timeout: ${timeout * 2}.`,
  })
}

/** What it found out by itself nobody would compare: it has no record. */
export function readsByItself({ name, definition }: Node, path: string): LakituError {
  return new LakituError({
    code: 'E_SERVICE_READ',
    headline: `Service ${name} reads ${path} by ctx.read, which only tasks can: of a service nothing is recorded`,
    facts: { declared: definition.site },
    next: `Declare it: inputs: { name: files(${JSON.stringify(path)}) }.`,
    family: 'usage',
  })
}
