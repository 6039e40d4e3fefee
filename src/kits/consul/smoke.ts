import { count, listing } from 'lakitu'
import { type AgentHost, type Check, checkOf, untilOk } from './check.ts'
import { ask, askJson, trouble } from './http.ts'
import { at, list, text } from './json.ts'
import { consulUrl } from './probe.ts'

export interface SmokeOptions {
  /** How long facts that trail a restart may stay wrong, in ms; default 12,000. */
  readonly patience?: number
  readonly signal?: AbortSignal
}

/** Whether Consul is right: each agent itself, one leader, all members, no critical check. */
export async function consulChecks(hosts: readonly AgentHost[], options: SmokeOptions = {}): Promise<readonly Check[]> {
  const { signal } = options
  const agents = await Promise.all(hosts.map((host) => agentCheck(host, signal)))
  // An agent that is silent will not get better: then the rest is told as it is now.
  const patience = agents.every(({ ok }) => ok) ? (options.patience ?? 12_000) : 0
  const state = await Promise.all([
    leaderCheck(hosts, signal),
    untilOk(() => membersCheck(hosts, signal), patience, signal),
    untilOk(() => criticalCheck(hosts, signal), patience, signal),
  ])
  return [...agents, ...state]
}

async function agentCheck(host: AgentHost, signal: AbortSignal | undefined): Promise<Check> {
  const name = `consul agent on ${host.name}`
  const answer = await ask(consulUrl(host, '/v1/agent/self'), { signal })
  const wrong = trouble(answer)
  if (wrong !== undefined || answer.kind === 'silence') return checkOf(name, [wrong ?? 'silent'], '')
  const node = text(at(answer.json, 'Config', 'NodeName'))
  const problems = node === host.name ? [] : [`it calls itself ${node || 'nothing'}`]
  return checkOf(name, problems, `answers, version ${text(at(answer.json, 'Config', 'Version'))}`)
}

async function leaderCheck(hosts: readonly AgentHost[], signal: AbortSignal | undefined): Promise<Check> {
  const leaders = await Promise.all(
    hosts.map(async (host) => text(await askJson(consulUrl(host, '/v1/status/leader'), { signal }))),
  )
  const known = [...new Set(leaders.filter((leader) => leader !== ''))]
  const without = hosts.filter((_, i) => leaders[i] === '').map(({ name }) => name)
  const problems = [
    ...(without.length > 0 ? [`${listing(without)} ${without.length === 1 ? 'knows' : 'know'} no leader`] : []),
    ...(known.length > 1 ? [`there are several: ${listing(known)}`] : []),
  ]
  return checkOf('consul leader', problems, `${known[0]}, known to ${count(hosts.length, 'agent')}`)
}

/** Serf's number for a member that is there. */
const alive = 1

async function membersCheck(hosts: readonly AgentHost[], signal: AbortSignal | undefined): Promise<Check> {
  const seen = await Promise.all(
    hosts.map(async (host) => {
      const answer = await askJson(consulUrl(host, '/v1/agent/members'), { signal })
      if (answer === undefined) return [`${host.name} does not say`]
      const members = new Map(list(answer).map((member) => [text(at(member, 'Name')), at(member, 'Status')]))
      const missing = hosts.filter(({ name }) => members.get(name) !== alive).map(({ name }) => name)
      return missing.length > 0 ? [`${host.name} does not see ${listing(missing)}`] : []
    }),
  )
  return checkOf('consul members', seen.flat(), `${count(hosts.length, 'agent')}, each sees all`)
}

async function criticalCheck(hosts: readonly AgentHost[], signal: AbortSignal | undefined): Promise<Check> {
  const answers = await Promise.all(
    hosts.map((host) => askJson(consulUrl(host, '/v1/health/state/critical'), { signal })),
  )
  const first = answers.find((answer) => answer !== undefined)
  if (first === undefined) return checkOf('consul health checks', ['no agent can say'], '')
  const problems = list(first).map((check) => {
    const output = text(at(check, 'Output')).trim().split('\n')[0]
    return `${text(at(check, 'Name'))} on ${text(at(check, 'Node'))} is critical${output ? `: ${output}` : ''}`
  })
  return checkOf('consul health checks', problems, 'none is critical')
}
