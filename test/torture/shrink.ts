import { withLessEffects } from './effect-case.ts'
import { play } from './play.ts'
import type { Case, Step } from './steps.ts'

export interface Shrunk {
  readonly case: Case
  /** What the shortest case fails with. */
  readonly why: string
}

/** Takes away steps, tasks and troubles as long as the case still fails. */
export async function shrink(found: Case): Promise<Shrunk> {
  let least: Shrunk = { case: found, why: (await failureOf(found)) ?? 'does not fail again' }
  for (let shorter = true; shorter; ) {
    shorter = false
    for (const candidate of shorterThan(least.case)) {
      const why = await failureOf(candidate)
      if (why === undefined || kindOf(why) !== kindOf(least.why)) continue
      least = { case: candidate, why }
      shorter = true
      break
    }
  }
  return least
}

/** Without what differs from case to case: a shorter case that fails with something else is another case. */
function kindOf(why: string): string {
  const [text = ''] = why.split(/[([{]/)
  return text
    .split(/\s+/)
    .filter((word) => /^[a-z,]+$/.test(word))
    .join(' ')
}

async function failureOf(candidate: Case): Promise<string | undefined> {
  try {
    await play(candidate)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function* shorterThan(found: Case): Generator<Case> {
  const { steps, spec } = found
  for (let n = steps.length - 1; n >= 0; n -= 1) yield { ...found, steps: steps.toSpliced(n, 1) }
  for (let n = 0; n < spec.tasks.length - 1; n += 1) {
    const gone = spec.tasks[n]?.name ?? ''
    const tasks = spec.tasks.toSpliced(n, 1).map((task) => ({
      ...task,
      needs: task.needs.filter((name) => name !== gone),
      ops: task.ops.filter(
        (op) => !('path' in op && op.path.startsWith(`out/${gone}.`)) && !('of' in op && op.of === gone),
      ),
    }))
    yield { ...found, spec: { ...spec, tasks } }
  }
  yield* withLessEffects(found)
  for (const [n, task] of spec.tasks.entries()) {
    for (let i = 0; i < task.ops.length - 1; i += 1) {
      const tasks = spec.tasks.with(n, { ...task, ops: task.ops.toSpliced(i, 1) })
      yield { ...found, spec: { ...spec, tasks } }
    }
  }
  for (const [n, step] of steps.entries())
    for (const less of lessOf(step)) yield { ...found, steps: steps.with(n, less) }
}

function* lessOf(step: Step): Generator<Step> {
  if (step.step === 'edit') return
  if (step.jobs > 1) yield { ...step, jobs: 1 }
  if (step.step !== 'run') return
  for (let n = 0; n < step.during.length; n += 1) yield { ...step, during: step.during.toSpliced(n, 1) }
  const { killAt, killIn, stopAt, fault, powerCut, ...rest } = step
  if (powerCut) yield { ...step, powerCut: false }
  if (killAt !== undefined || killIn !== undefined || stopAt !== undefined || fault)
    yield { ...rest, ...(powerCut ? { powerCut } : {}) }
}
