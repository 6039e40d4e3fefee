/** Consul's agents over HTTP: probes for effects, checks for a smoke test. */

export { type AgentHost, type Check, checkOf, untilOk } from './check.ts'
export { type Answer, type AskOptions, ask, askJson, trouble } from './http.ts'
export { type ConsulAgent, consulAgents } from './probe.ts'
export { consulChecks, type SmokeOptions } from './smoke.ts'
