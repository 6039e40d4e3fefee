/** Nomad's agents over HTTP: probes for effects, ghosts of remade hosts, checks and a job for a smoke test. */

export { type Ghost, ghosts, purgeGhosts } from './ghosts.ts'
export { type JobOptions, runJob } from './job.ts'
export { type NomadAgent, nomadAgents } from './probe.ts'
export { type NomadCluster, type NomadSmokeOptions, nomadChecks } from './smoke.ts'
