import { asJson } from '../fingerprint/facts.ts'
import { fingerprintOf } from '../fingerprint/leaves.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type { ForeignPaths, RunRecord, TaskEntry } from '../model/record.ts'
import { Secret } from '../model/secret.ts'
import { sha256Json } from '../util/digest.ts'
import type { Attempt } from './context.ts'
import type { Found } from './discovery.ts'
import type { FactsNow } from './facts.ts'

/** Which run of which task. */
export type Ran = Pick<Attempt, 'project' | 'node' | 'mark'>

/** What a run came to. */
export interface Outcome {
  readonly facts: Facts
  readonly discovered: Found['facts']
  readonly value: FactValue
  readonly outputs: RunRecord['outputs']
  readonly ms: number
}

/** What is to be remembered of it, should nothing have moved. */
export function recordOf({ project, node, mark }: Ran, outcome: Outcome): RunRecord {
  const { facts, discovered, value, outputs, ms } = outcome
  const fingerprint = fingerprintOf(facts)
  const foundSome = Object.keys(discovered).length > 0
  const hasNeither = value === null && Object.keys(outputs).length === 0
  // All that decides whether it must run stands for a task that makes nothing.
  const decided = foundSome ? sha256Json({ fingerprint, discovered }) : fingerprint
  const result = hasNeither && node.definition.kind === 'task' ? decided : sha256Json({ value, outputs })
  const at = project.ports.clock.now()
  const record = { run: mark, facts, fingerprint, value, outputs, result, at, ms: Math.round(ms) }
  return foundSome ? { ...record, discovered } : record
}

/** Before the first side effect; of effects with what they read, which is what an undo works from. */
export function intentOf({ project, node }: Omit<Ran, 'mark'>, now: FactsNow, foreign: ForeignPaths): TaskEntry {
  const found = Object.keys(foreign).length > 0 ? { foreign } : {}
  const base = { type: 'intent', task: node.name, at: project.ports.clock.now(), ...found } as const
  if (node.definition.kind !== 'effect') return base
  const isSecret = (value: unknown) => value instanceof Secret
  const plain = Object.fromEntries(Object.entries(now.values).filter(([, value]) => !isSecret(value)))
  const sources = node.inputs.flatMap(({ name, input }) => (input.kind === 'secret' ? [[name, input.from]] : []))
  const secrets = sources.length > 0 ? { secrets: Object.fromEntries(sources) } : {}
  return { ...base, inputs: asRecord(asJson(node.name, 'inputs', plain)), ...secrets }
}

function asRecord(value: FactValue): RunRecord['facts'] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RunRecord['facts']) : {}
}
