import { LakituError, listing } from 'lakitu'
import type { Failed, Told } from './follow.ts'
import { title } from './follow.ts'

/** The error of a run that did not end well: role, task, host and message of what came first. */
export function playbookError(code: number, told: Told, output: string): LakituError {
  const lost = told.failures.filter((failure) => failure.kind === 'unreachable')
  const first = told.failures.find((failure) => failure.kind === 'failed')
  if (first) return taskError(first, told.failures)
  if (lost.length > 0) return unreachableError(lost)
  return new LakituError({
    code: 'E_ANSIBLE',
    headline: `Ansible ended with exit code ${code} before a task had failed`,
    facts: { output: lastLines(output, 12) },
    next: 'Read what it says above; the whole output is in the log of this task.',
  })
}

function taskError(first: Failed, failures: readonly Failed[]): LakituError {
  const same = failures.filter((failure) => failure.task === first.task).map((failure) => failure.host)
  // A validator says what is wrong on its own streams, and Ansible only that it said no.
  const output = lastLines([first.stderr, first.stdout].filter(Boolean).join('\n'), 15)
  return new LakituError({
    code: 'E_ANSIBLE_TASK',
    headline: `${title(first.line)} failed on ${listing([...new Set(same)].sort())}`,
    facts: {
      role: first.line.role || undefined,
      task: first.line.name,
      host: first.host,
      message: first.msg,
      output: output || undefined,
      where: first.line.path || undefined,
    },
    next: 'Mend the cause, then run the same command again: what is done already stays done.',
  })
}

/** Hosts that ssh did not reach, each with ssh's own words for the first. */
export function unreachableError(lost: readonly Failed[]): LakituError {
  const hosts = [...new Set(lost.map((failure) => failure.host))].sort()
  return new LakituError({
    code: 'E_HOST_UNREACHABLE',
    headline: `${listing(hosts)} ${hosts.length === 1 ? 'does' : 'do'} not answer over ssh`,
    facts: { host: lost[0]?.host, message: lost[0]?.msg },
    next: 'Look whether the machine runs and its address is right (lakitu vm-up brings it up), then run the same command again.',
    family: 'world',
  })
}

function lastLines(output: string, most: number): string {
  return output.trim().split('\n').slice(-most).join('\n')
}
