import { count, LakituError, listing } from 'lakitu'
import { type Changed, title } from '../follow.ts'
import type { Unclear } from '../playbook/model.ts'

/** Some hosts did not answer; what could be done without them is done, and theirs is noted. */
export function hostDown(hosts: readonly string[], needs: Unclear | undefined): LakituError {
  const why = needs && `${needs.what} (${needs.file}:${needs.line})`
  return new LakituError({
    code: 'E_HOST_DOWN',
    family: 'world',
    headline: why
      ? `${listing(hosts)} did not answer over ssh, and no part can be applied without: ${why}`
      : `${listing(hosts)} did not answer over ssh: the other hosts are applied, and this is owed`,
    facts: { hosts: listing(hosts) },
    next: 'Look whether it runs and its address is right (lakitu vm-up brings machines up), then run the same command again: it gets what it is owed.',
  })
}

/** Agents that are not healthy after all that could be applied was: what was changed, and the end of their log. */
export function unhealthyAfter(
  wrong: readonly string[],
  changes: readonly Changed[],
  cause: LakituError | undefined,
): LakituError {
  return new LakituError({
    code: 'E_UNHEALTHY',
    family: 'task',
    headline: `The cluster is not healthy after ${changes.length === 0 ? 'an apply that changed nothing' : 'what was applied'}: ${listing(wrong)}`,
    facts: { ...cause?.facts, changed: changedText(changes) || undefined },
    next: 'Take back or mend what was changed, then run the same command again; lakitu watch waits for the next edit.',
  })
}

function changedText(changes: readonly Changed[]): string {
  const lines = new Map<string, Set<string>>()
  for (const { host, line, diffs } of changes) {
    const text = [title(line), ...diffs].join('\n')
    lines.set(text, (lines.get(text) ?? new Set()).add(host))
  }
  const some = [...lines].map(([text, hosts]) => text.replace(/\n|$/, ` on ${listing([...hosts])}$&`))
  const most = 12
  const more = some.length > most ? [`and ${count(some.length - most, 'other step')}`] : []
  return [...some.slice(0, most), ...more].join('\n')
}
