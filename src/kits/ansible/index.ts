/** Ansible as a child: cut off from the user's own, followed by events, the smallest safe part of a playbook. */

export { type AnsibleProject, controlFolder } from './environment.ts'
export { type PingOptions, ping } from './ping.ts'
export { type Changes, closeConnections, type PlaybookOptions, playbook, type Runner } from './run.ts'
export { type Scope, scopeOf } from './scope.ts'
