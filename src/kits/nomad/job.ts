import { setTimeout as sleep } from 'node:timers/promises'
import { LakituError } from 'lakitu'
import type { AgentHost } from '../consul/check.ts'
import { type Answer, ask, trouble } from '../consul/http.ts'
import { at, isRecord, list, text } from '../consul/json.ts'
import { nomadUrl } from './probe.ts'

export interface JobOptions {
  /** How long it may take until every allocation has ended, in ms; default 40,000. */
  readonly patience?: number
  readonly signal?: AbortSignal | undefined
}

/** A good allocation of a batch job that has ended. */
export interface Ran {
  readonly host: string
  readonly output: string
}

/** Runs a batch job under an id of its own and waits for its end. The caller purges it, whatever becomes of this. */
export async function runBatch(server: AgentHost, hcl: string, id: string, options: JobOptions = {}): Promise<Ran> {
  const { patience = 40_000, signal } = options
  const deadline = Date.now() + patience
  const post = { method: 'POST', signal } as const
  const parsed = await good(server, '/v1/jobs/parse', { ...post, body: { JobHCL: hcl, Canonicalize: true } })
  if (!isRecord(parsed)) throw jobError(id, 'Nomad did not understand the job')
  const sent = await good(server, '/v1/jobs', { ...post, body: { Job: { ...parsed, ID: id, Name: id } } })
  await placed(server, text(at(sent, 'EvalID')), id, deadline, signal)
  const allocation = await ended(server, id, deadline, signal)
  const tasks = at(allocation, 'TaskStates')
  const [task = ''] = isRecord(tasks) ? Object.keys(tasks) : []
  const host = text(at(allocation, 'NodeName'))
  return { host, output: await logOf(server, text(at(allocation, 'ID')), task, signal) }
}

/** Removes the job for good and makes sure that it is gone; what is wrong, or undefined. */
export async function purgeJob(server: AgentHost, id: string): Promise<string | undefined> {
  const removed = trouble(await ask(nomadUrl(server, `/v1/job/${id}?purge=true`), { method: 'DELETE' }))
  if (removed !== undefined) return removed
  const after = await ask(nomadUrl(server, `/v1/job/${id}`))
  if (after.kind === 'answer' && after.status === 404) return undefined
  return `it is still there (${after.kind === 'answer' ? after.status : after.reason})`
}

/** Waits for the evaluation. Where nothing was placed, says what Nomad missed. */
async function placed(
  server: AgentHost,
  evaluation: string,
  id: string,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    const found = await good(server, `/v1/evaluation/${evaluation}`, { signal })
    const failed = at(found, 'FailedTGAllocs')
    if (isRecord(failed) && Object.keys(failed).length > 0) throw jobError(id, `no host took it: ${missed(failed)}`)
    const status = text(at(found, 'Status'))
    if (status === 'complete') return
    if (status !== 'pending' || Date.now() > deadline) throw jobError(id, `its evaluation is ${status}`)
    await sleep(50, undefined, { signal })
  }
}

/** The allocation that completed. A lost one stays in the list beside its replacement, so only good ones count. */
async function ended(
  server: AgentHost,
  id: string,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  for (;;) {
    const all = list(await good(server, `/v1/job/${id}/allocations`, { signal }))
    const complete = all.find((allocation) => at(allocation, 'ClientStatus') === 'complete')
    if (complete !== undefined) return complete
    const failed = all.find((allocation) => at(allocation, 'ClientStatus') === 'failed')
    if (failed !== undefined) throw jobError(id, `it failed on ${text(at(failed, 'NodeName'))}: ${lastEvent(failed)}`)
    if (Date.now() > deadline) {
      const states = all.map((one) => `${text(at(one, 'ClientStatus'))} on ${text(at(one, 'NodeName'))}`)
      throw jobError(id, `it did not end in time (${states.join(', ') || 'no allocation'})`)
    }
    await sleep(100, undefined, { signal })
  }
}

/** A log may trail the end of its task by a moment. Any node's log can be had from a server. */
async function logOf(
  server: AgentHost,
  allocation: string,
  task: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = `/v1/client/fs/logs/${allocation}?task=${encodeURIComponent(task)}&type=stdout&plain=true`
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask(nomadUrl(server, path), { signal })
    const output = answer.kind === 'answer' && answer.status === 200 ? answer.body.trim() : ''
    if (output !== '' || attempt === 20) return output
    await sleep(100, undefined, { signal })
  }
}

async function good(server: AgentHost, path: string, options: Parameters<typeof ask>[1]): Promise<unknown> {
  const answer: Answer = await ask(nomadUrl(server, path), options)
  const wrong = trouble(answer)
  if (wrong !== undefined || answer.kind === 'silence') throw jobError(path, wrong ?? 'silent')
  return answer.json
}

function missed(groups: Readonly<Record<string, unknown>>): string {
  const reasons = Object.values(groups).flatMap((group) =>
    ['ConstraintFiltered', 'DimensionExhausted', 'NodesAvailable'].map((key) => at(group, key)),
  )
  return reasons
    .filter((reason) => isRecord(reason))
    .map((reason) => JSON.stringify(reason))
    .join(' ')
}

function lastEvent(allocation: unknown): string {
  const tasks = at(allocation, 'TaskStates')
  const events = (isRecord(tasks) ? Object.values(tasks) : []).flatMap((task) => list(at(task, 'Events')))
  return events
    .map((event) => text(at(event, 'DisplayMessage')))
    .filter(Boolean)
    .slice(-3)
    .join(', ')
}

function jobError(what: string, headline: string): LakituError {
  return new LakituError({ code: 'E_NOMAD_JOB', headline, facts: { job: what } })
}
