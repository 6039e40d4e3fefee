import { asJson } from '../fingerprint/facts.ts'
import type { Node } from '../graph/graph.ts'
import { LakituError, reportOf } from '../model/error.ts'
import type { FactValue } from '../model/facts.ts'
import { canonicalJson } from '../util/canonical.ts'
import { type Asking, askingOf } from './asking.ts'
import type { Project } from './project.ts'
import { refuseInValue } from './secret-errors.ts'

/** What an effect's probe saw. */
export type Observation =
  | { readonly kind: 'value'; readonly value: FactValue }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown'; readonly why: string }

export interface ProbeData {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly needs: Readonly<Record<string, unknown>>
}

const probeTimeout = 5000
const settleInterval = 250

/** Asks once. An error, or silence for 5 s, is *unknown*. Error: E_SECRET_IN_VALUE. */
export async function observe(
  project: Project,
  node: Node,
  data: ProbeData,
  signal: AbortSignal,
): Promise<Observation> {
  const { effect } = node.definition
  if (!effect) return { kind: 'unknown', why: `${node.name} has no probe` }
  return ask(project, node, (given) => effect.probe({ ...given, ...data }), signal)
}

/** The same of any probe. */
export async function ask(
  project: Project,
  node: Node,
  probe: (given: Asking) => unknown,
  signal: AbortSignal,
): Promise<Observation> {
  const limit = new AbortController()
  const either = AbortSignal.any([signal, limit.signal])
  const { secrets } = project
  const answer = async (): Promise<Observation> => {
    try {
      const value = await probe(askingOf(project, node, { mark: `probe-${node.name}`, signal: either }))
      return value === null ? { kind: 'gone' } : { kind: 'value', value: answered(project, node, value) }
    } catch (error) {
      // Unknown would be asked again and again.
      if (error instanceof LakituError && error.code === 'E_SECRET_IN_VALUE') throw error
      return { kind: 'unknown', why: secrets.mask(reportOf(error).headline) }
    }
  }
  const tooLate = async (): Promise<Observation> => {
    await project.ports.clock.wait(probeTimeout, either)
    return { kind: 'unknown', why: `no answer within ${probeTimeout / 1000} s` }
  }
  const observation = await Promise.race([answer(), tooLate()])
  limit.abort()
  return observation
}

function answered({ secrets }: Project, { name }: Node, value: unknown): FactValue {
  const what = 'What the probe answers'
  return refuseInValue(secrets, name, what, asJson(name, what, value))
}

/** After a run: asks until two answers in a row are the same value. Error: E_NOT_SETTLED (exit 3). */
export async function settle(project: Project, node: Node, data: ProbeData, signal: AbortSignal): Promise<FactValue> {
  const { clock } = project.ports
  const deadline = clock.ticks() + (node.definition.effect?.settle ?? 0)
  let last = await observe(project, node, data, signal)
  for (;;) {
    await clock.wait(settleInterval, signal)
    const next = await observe(project, node, data, signal)
    if (last.kind === 'value' && next.kind === 'value' && agree(last.value, next.value)) return next.value
    if (clock.ticks() >= deadline || signal.aborted) throw notSettled(node, next)
    last = next
  }
}

export function agree(a: FactValue, b: FactValue): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

function notSettled(node: Node, last: Observation): LakituError {
  const saw = { gone: 'nothing there', unknown: last.kind === 'unknown' ? last.why : '', value: 'answers that differ' }
  return new LakituError({
    code: 'E_NOT_SETTLED',
    headline: `${node.name} ran, but what it is to bring about does not show`,
    facts: { probe: saw[last.kind] },
    next: 'Run the same command again; lakitu log shows what the task did.',
    family: 'world',
  })
}
