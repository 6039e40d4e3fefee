import { LakituError } from 'lakitu'
import type { Sources } from './model.ts'

/** A line of a source. */
export interface Place {
  readonly of: keyof Sources
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** What the two folders are called in messages. */
export type Names = Readonly<Record<keyof Sources, string>>

export const usualNames: Names = { playbook: 'ansible', inventory: '.cache/cluster/inventory' }

export interface Fault extends Place {
  readonly code: 'E_YAML' | 'E_JINJA' | 'E_NOT_UTF8' | 'E_NO_ROLE' | 'E_NO_PLAYBOOK'
  readonly column?: number
  readonly text: string
  readonly next?: string
}

/** `ansible/roles/consul/tasks/main.yml:12` */
export function shown({ of, file, line }: Place, names: Names = usualNames): string {
  return `${names[of]}/${file}:${line}`
}

/** One error for all that is wrong: the first in the headline, each with its place in the facts. */
export function faultError(faults: readonly [Fault, ...Fault[]], names: Names): LakituError {
  const [first, ...others] = faults
  const place = (fault: Fault) => `${shown(fault, names)}${fault.column === undefined ? '' : `:${fault.column}`}`
  return new LakituError({
    code: first.code,
    headline: `${first.text}, in ${place(first)}`,
    facts: {
      where: place(first),
      ...Object.fromEntries(others.map((fault) => [place(fault), fault.text])),
    },
    next: first.next ?? 'Correct the file; nothing was run.',
    family: 'usage',
  })
}
