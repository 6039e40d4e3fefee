import type { Drift } from '../model/context.ts'
import type { ErrorReport } from '../model/error.ts'
import type { Emit, Ending, Event } from '../model/event.ts'
import type { Reason } from '../model/reason.ts'
import type { Project } from './project.ts'
import type { Secrets } from './secrets.ts'

/** The project whose events show no secret. What names tasks and paths stays, or views would not know whose it is. */
export function masking(project: Project): Project {
  const { secrets } = project
  learnSecrets(project)
  const emit: Emit = (event) => project.emit(maskEvent(secrets, event))
  return { ...project, emit }
}

/** Reads all secrets that the tasks declare, so that each is masked also where another task's words hold it. */
export function learnSecrets({ secrets, graph }: Project): void {
  secrets.learn(
    graph.nodes.flatMap(({ inputs }) => inputs.flatMap(({ input }) => (input.kind === 'secret' ? [input.from] : []))),
  )
}

function maskEvent(secrets: Secrets, event: Event): Event {
  switch (event.type) {
    case 'task-log':
      return { ...event, line: secrets.mask(event.line) }
    case 'notice':
      return { ...event, text: secrets.mask(event.text) }
    case 'task-progress':
      return { ...event, progress: { ...event.progress, text: secrets.mask(event.progress.text) } }
    case 'task-started':
      return { ...event, reasons: maskReasons(secrets, event.reasons) }
    case 'task-ended':
      return { ...event, ending: maskEnding(secrets, event.ending) }
    case 'drift-looked':
      return { ...event, drifts: event.drifts.map((drift) => maskDrift(secrets, drift)) }
    default:
      return event
  }
}

function maskDrift(secrets: Secrets, { where, what, detail }: Drift): Drift {
  const shown = { where: secrets.mask(where), what: secrets.mask(what) }
  return detail === undefined ? shown : { ...shown, detail: secrets.mask(detail) }
}

export function maskEnding(secrets: Secrets, ending: Ending): Ending {
  switch (ending.state) {
    case 'skipped':
      return { ...ending, reason: secrets.mask(ending.reason) }
    case 'failed':
      return { ...ending, error: maskError(secrets, ending.error) }
    default:
      return ending
  }
}

function maskError(secrets: Secrets, error: ErrorReport): ErrorReport {
  const { headline, facts, next, stack } = error
  return {
    ...error,
    headline: secrets.mask(headline),
    facts: Object.fromEntries(Object.entries(facts).map(([name, text]) => [name, secrets.mask(text)])),
    ...(next === undefined ? {} : { next: secrets.mask(next) }),
    ...(stack === undefined ? {} : { stack: secrets.mask(stack) }),
  }
}

/** Also what stood in the facts in plain before it was declared as a secret. */
export function maskReasons(secrets: Secrets, reasons: readonly Reason[]): readonly Reason[] {
  return reasons.map((reason): Reason => {
    if (reason.kind === 'fact') {
      const { before, after } = reason
      return {
        ...reason,
        ...(before === undefined ? {} : { before: secrets.mask(before) }),
        ...(after === undefined ? {} : { after: secrets.mask(after) }),
      }
    }
    if (reason.kind !== 'world' || reason.detail === undefined) return reason
    return { ...reason, detail: secrets.mask(reason.detail) }
  })
}
