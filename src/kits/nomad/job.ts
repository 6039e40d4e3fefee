import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { count, LakituError } from 'lakitu'
import type { AgentHost } from '../consul/check.ts'
import { type Answer, ask, trouble } from '../consul/http.ts'
import { at, isRecord, list, text } from '../consul/json.ts'
import { nomadUrl } from './probe.ts'

export interface JobOptions {
  /** How long it may take until every allocation has ended, in ms; default 40,000. */
  readonly patience?: number
  /** Where the job is written, for errors. */
  readonly file?: string
  readonly signal?: AbortSignal | undefined
}

/** A good allocation of a batch job that has ended. */
export interface Ran {
  readonly host: string
  readonly output: string
}

/** Runs a batch job under an id of its own and waits until all of it has ended well. The caller purges it, whatever becomes of this. */
export async function runBatch(
  server: AgentHost,
  hcl: string,
  id: string,
  options: JobOptions = {},
): Promise<readonly Ran[]> {
  return runParsed(server, await parseJob(server, hcl, options), id, options)
}

async function runParsed(
  server: AgentHost,
  job: Job,
  id: string,
  { patience = 40_000, signal }: JobOptions,
): Promise<readonly Ran[]> {
  const waiting = { deadline: Date.now() + patience, signal }
  await submit(server, { ...job, ID: id, Name: id }, waiting)
  // How many hosts a sysbatch job runs on, its evaluation has decided.
  const wanted = at(job, 'Type') === 'sysbatch' ? 1 : wantedOf(job)
  const allocations = await ended(server, id, wanted, waiting)
  return Promise.all(allocations.map((one) => ranOf(server, one, signal)))
}

async function ranOf(server: AgentHost, allocation: unknown, signal: AbortSignal | undefined): Promise<Ran> {
  const tasks = at(allocation, 'TaskStates')
  const names = isRecord(tasks) ? Object.keys(tasks) : []
  const id = text(at(allocation, 'ID'))
  const logs = await Promise.all(names.map((task) => logOf(server, id, task, signal)))
  return { host: text(at(allocation, 'NodeName')), output: logs.filter((log) => log !== '').join('\n') }
}

/**
 * Runs a job as `nomad run` would: a batch job once, under an id of its own that is purged afterwards, and answers what it wrote; any other under its own
 * name, until all of it runs, and it stays; one that is periodic or parameterized is registered and stays. Answers a line for people,
 * of a batch job one for each allocation. Error: E_NOMAD_JOB, with what Nomad says.
 */
export async function runJob(server: AgentHost, hcl: string, options: JobOptions = {}): Promise<string> {
  const parsed = await parseJob(server, hcl, options)
  const own = text(at(parsed, 'ID'))
  const waits = waitsFor(parsed)
  if (waits !== undefined) {
    await good(server, own, '/v1/jobs', { method: 'POST', signal: options.signal, body: { Job: parsed } })
    return `${own}: registered, and runs when ${waits}`
  }
  if (!/batch$/.test(text(at(parsed, 'Type')))) return `${own}: ${await keepRunning(server, parsed, options)}`
  const id = `${own}-${randomUUID().slice(0, 8)}`
  try {
    const ran = await runParsed(server, parsed, id, options)
    return ran.map(({ host, output }) => `${own} on ${host}: ${output || 'it wrote nothing'}`).join('\n')
  } finally {
    await purgeJob(server, id)
  }
}

type Job = Readonly<Record<string, unknown>>

/** How many allocations it is to have. */
function wantedOf(job: Job): number {
  return list(at(job, 'TaskGroups')).reduce<number>((sum, group) => sum + Number(at(group, 'Count') ?? 1), 0)
}

function waitsFor(job: Job): string | undefined {
  if (isRecord(at(job, 'Periodic'))) return 'its time comes'
  return isRecord(at(job, 'ParameterizedJob')) ? 'it is dispatched' : undefined
}

async function keepRunning(server: AgentHost, job: Job, { patience = 40_000, signal }: JobOptions): Promise<string> {
  const id = text(at(job, 'ID'))
  const deadline = Date.now() + patience
  const wanted = wantedOf(job)
  await submit(server, job, { deadline, signal })
  const version = at(await good(server, id, jobPath(id), { signal }), 'Version')
  for (;;) {
    const all = list(await good(server, id, `${jobPath(id)}/allocations`, { signal }))
    const now = all.filter((one) => at(one, 'JobVersion') === version)
    const running = now.filter((one) => at(one, 'ClientStatus') === 'running')
    if (running.length >= wanted) return `${count(running.length, 'allocation')} running`
    const failed = now.find((one) => at(one, 'ClientStatus') === 'failed')
    if (failed !== undefined) throw jobError(id, `it failed on ${text(at(failed, 'NodeName'))}: ${lastEvent(failed)}`)
    if (Date.now() > deadline) throw jobError(id, `${running.length} of ${count(wanted, 'allocation')} run`)
    await sleep(100, undefined, { signal })
  }
}

/** Nomad calls every file `input.hcl`: its own name makes the place in a message one that an editor opens. */
async function parseJob(server: AgentHost, hcl: string, { file = 'the job', signal }: JobOptions): Promise<Job> {
  const body = { JobHCL: hcl, Canonicalize: true }
  const answer = await ask(nomadUrl(server, '/v1/jobs/parse'), { method: 'POST', signal, body })
  const wrong = trouble(answer)
  if (wrong !== undefined) throw jobError(file, wrong.replaceAll('input.hcl', file))
  if (answer.kind === 'silence' || !isRecord(answer.json)) throw jobError(file, 'Nomad did not understand it')
  return answer.json
}

interface Waiting {
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

async function submit(server: AgentHost, job: Job, { deadline, signal }: Waiting): Promise<void> {
  const id = text(at(job, 'ID'))
  const sent = await good(server, id, '/v1/jobs', { method: 'POST', signal, body: { Job: job } })
  await placed(server, text(at(sent, 'EvalID')), id, deadline, signal)
}

/** Removes the job for good and makes sure that it is gone; what is wrong, or undefined. */
export async function purgeJob(server: AgentHost, id: string): Promise<string | undefined> {
  const removed = trouble(await ask(nomadUrl(server, `${jobPath(id)}?purge=true`), { method: 'DELETE' }))
  if (removed !== undefined) return removed
  const after = await ask(nomadUrl(server, jobPath(id)))
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
    const found = await good(server, id, `/v1/evaluation/${evaluation}`, { signal })
    const failed = at(found, 'FailedTGAllocs')
    if (isRecord(failed) && Object.keys(failed).length > 0) throw jobError(id, `no host took it: ${missed(failed)}`)
    const status = text(at(found, 'Status'))
    if (status === 'complete') return
    if (status !== 'pending' || Date.now() > deadline) throw jobError(id, `its evaluation is ${status}`)
    await sleep(50, undefined, { signal })
  }
}

/** The allocations that completed. A lost one stays in the list beside its replacement, so only good ones count. */
async function ended(
  server: AgentHost,
  id: string,
  wanted: number,
  { deadline, signal }: Waiting,
): Promise<readonly unknown[]> {
  for (;;) {
    const all = list(await good(server, id, `${jobPath(id)}/allocations`, { signal }))
    const of = (...states: readonly string[]) => all.filter((one) => states.includes(text(at(one, 'ClientStatus'))))
    const complete = of('complete')
    if (complete.length >= wanted && of('pending', 'running').length === 0) return complete
    const [failed] = of('failed')
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

async function good(server: AgentHost, id: string, path: string, options: Parameters<typeof ask>[1]): Promise<unknown> {
  const answer: Answer = await ask(nomadUrl(server, path), options)
  const wrong = trouble(answer)
  if (wrong !== undefined || answer.kind === 'silence') throw jobError(id, wrong ?? 'silent')
  return answer.json
}

function jobPath(id: string): string {
  return `/v1/job/${encodeURIComponent(id)}`
}

/** In the words of `nomad run`: what kept each node from it, and where there was no node at all. */
function missed(groups: Readonly<Record<string, unknown>>): string {
  const reasons = Object.values(groups).flatMap((group) => [
    ...countsOf(group, 'NodesAvailable').flatMap(([where, nodes]) => (nodes === 0 ? [`no node in ${where}`] : [])),
    ...countsOf(group, 'ConstraintFiltered').map(([what, nodes]) => `${count(nodes, 'node')}: ${what}`),
    ...countsOf(group, 'DimensionExhausted').map(([what, nodes]) => `${count(nodes, 'node')}: ${what} exhausted`),
  ])
  return reasons.join(', ') || 'no node is eligible'
}

function countsOf(group: unknown, key: string): readonly (readonly [string, number])[] {
  const counts = at(group, key)
  return isRecord(counts) ? Object.entries(counts).map(([what, nodes]) => [what, Number(nodes)] as const) : []
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
