import { randomUUID } from 'node:crypto'
import { count, listing } from 'lakitu'
import { type AgentHost, type Check, checkOf, untilOk } from '../consul/check.ts'
import { ask, askJson, trouble } from '../consul/http.ts'
import { at, text } from '../consul/json.ts'
import { ghosts, nodes } from './ghosts.ts'
import { purgeJob, runBatch } from './job.ts'
import { nomadUrl } from './probe.ts'

export interface NomadCluster {
  readonly servers: readonly AgentHost[]
  readonly clients: readonly AgentHost[]
}

export interface NomadSmokeOptions {
  /** A batch job to run, as HCL. */
  readonly job: string
  /** How long facts that trail a restart may stay wrong, in ms; default 12,000. */
  readonly patience?: number
  readonly signal?: AbortSignal
}

/** Whether Nomad is right: each agent itself, one leader, all clients ready, no ghosts, and a job that runs. */
export async function nomadChecks(cluster: NomadCluster, options: NomadSmokeOptions): Promise<readonly Check[]> {
  const { signal } = options
  const { servers, clients } = cluster
  const agents = await Promise.all([...servers, ...clients].map((host) => agentCheck(host, signal)))
  // An agent that is silent will not get better: then the rest is told as it is now.
  const patience = agents.every(({ ok }) => ok) ? (options.patience ?? 12_000) : 0
  const state = await Promise.all([
    untilOk(() => leaderCheck(servers, signal), patience, signal),
    untilOk(() => clientsCheck(cluster, signal), patience, signal),
    ghostCheck(cluster, signal),
  ])
  return [...agents, ...state, ...(await jobChecks(servers, options))]
}

async function agentCheck(host: AgentHost, signal: AbortSignal | undefined): Promise<Check> {
  const name = `nomad agent on ${host.name}`
  const answer = await ask(nomadUrl(host, '/v1/agent/self'), { signal })
  const wrong = trouble(answer)
  if (wrong !== undefined || answer.kind === 'silence') return checkOf(name, [wrong ?? 'silent'], '')
  return checkOf(name, [], `answers, version ${text(at(answer.json, 'config', 'Version', 'Version'))}`)
}

async function leaderCheck(servers: readonly AgentHost[], signal: AbortSignal | undefined): Promise<Check> {
  const leaders = await Promise.all(
    servers.map(async (host) => text(await askJson(nomadUrl(host, '/v1/status/leader'), { signal }))),
  )
  const problems = servers.flatMap(({ name }, i) => (leaders[i] ? [] : [`${name} knows no leader`]))
  const known = [...new Set(leaders)]
  if (problems.length === 0 && known.length > 1) problems.push(`there are several: ${listing(known)}`)
  return checkOf('nomad leader', problems, known.join())
}

async function clientsCheck({ servers, clients }: NomadCluster, signal: AbortSignal | undefined): Promise<Check> {
  const all = await nodes(servers, signal)
  const problems = clients.flatMap(({ name }) => {
    const own = all.filter((node) => node.name === name)
    if (own.some((node) => node.status === 'ready' && node.eligible)) return []
    const states = own.map((node) => (node.status === 'ready' ? 'not eligible' : node.status))
    return [`${name} is ${states.join(' and ') || 'not a node'}`]
  })
  return checkOf('nomad clients', problems, `${count(clients.length, 'client')} ready`)
}

async function ghostCheck({ servers, clients }: NomadCluster, signal: AbortSignal | undefined): Promise<Check> {
  const found = await ghosts(servers, clients, signal)
  const problems = found.map(({ name, id, status }) => `${name} has an old node ${id.slice(0, 8)} (${status})`)
  return checkOf('nomad ghosts', problems, 'none')
}

async function jobChecks(servers: readonly AgentHost[], options: NomadSmokeOptions): Promise<readonly Check[]> {
  const [server] = servers
  if (!server) return [checkOf('nomad job', ['there is no server to run it'], '')]
  const id = `lakitu-smoke-${randomUUID().slice(0, 8)}`
  const ran = await jobCheck(server, id, options)
  const left = await purgeJob(server, id)
  return [ran, checkOf('nomad job is purged', left === undefined ? [] : [left], id)]
}

async function jobCheck(server: AgentHost, id: string, { job, signal }: NomadSmokeOptions): Promise<Check> {
  const name = 'nomad job runs'
  try {
    const ran = await runBatch(server, job, id, { signal })
    const silent = ran.filter(({ output }) => output === '').map(({ host }) => `it ran on ${host} and wrote nothing`)
    return checkOf(name, silent, ran.map(({ host, output }) => `${host}: ${output}`).join(', '))
  } catch (error) {
    // A job that nobody waits for any more must not stay behind.
    if (signal?.aborted) await purgeJob(server, id)
    signal?.throwIfAborted()
    return checkOf(name, [error instanceof Error ? error.message : String(error)], '')
  }
}
