/** Ansible as a child: cut off from the user's own, followed by events, and the smallest safe part of a playbook. */

export { drift, driftText } from './drift.ts'
export { type AnsibleProject, controlFolder } from './environment.ts'
export type { Problem } from './lint/problem.ts'
export { type RoleLintOptions, roleLint } from './lint/task.ts'
export { type PingOptions, ping } from './ping.ts'
export { apply } from './plan/apply.ts'
export { type ExplainContext, explain } from './plan/explain.ts'
export { forgetApplied } from './plan/ledger.ts'
export type { ApplyContext, ApplyOptions, Unhealthy } from './plan/options.ts'
export type { Agents } from './plan/unlike.ts'
export { closeConnections, type PlaybookOptions, play, playbook, type Runner } from './run.ts'
