import { count, type Drift, listing } from 'lakitu'
import type { AnsibleProject } from './environment.ts'
import { title } from './follow.ts'
import { playbook, type Runner } from './run.ts'

/** What the whole playbook would change, by host (`where`), role and task (`what: 'consul: Configuration'`), with diffs; changes nothing. Throws where it cannot be said of every host. */
export async function drift(
  { root, exec, signal }: Pick<Runner, 'root' | 'exec' | 'signal'>,
  project: AnsibleProject = {},
): Promise<readonly Drift[]> {
  // Each step that would change is told by its drift, not as news of a run.
  const quiet: Runner = { root, exec, signal, log: () => {}, progress: () => {} }
  const { changes } = await playbook(quiet, { ...project, check: true, diff: true })
  return changes.map(({ host, line, diffs }) => {
    return { where: host, what: title(line), ...(diffs.length > 0 ? { detail: diffs.join('\n') } : {}) }
  })
}

/** `3 steps would change something on lakitu and spiney1`, or that nothing would. */
export function driftText(drifts: readonly Drift[]): string {
  if (drifts.length === 0) return 'every host is as ansible/ says'
  const hosts = [...new Set(drifts.map(({ where }) => where))]
  return `${count(drifts.length, 'step')} would change something on ${listing(hosts)}`
}
