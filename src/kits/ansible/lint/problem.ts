import type { Everything } from '../playbook/everything.ts'
import type { FoundRole } from '../playbook/role.ts'
import type { FoundTask } from '../playbook/tasks.ts'

/** A line that breaks a convention. */
export interface Problem {
  /** Relative to the folder of the playbook. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** `section-tag` */
  readonly rule: string
  readonly text: string
}

export type RoleRule = (role: FoundRole, everything: Everything) => readonly Problem[]

export function at(
  { file, line }: { readonly file: string; readonly line: number },
  rule: string,
  text: string,
): Problem {
  return { file, line, rule, text }
}

export const isOwnTask = ({ handler }: FoundTask): boolean => !handler
