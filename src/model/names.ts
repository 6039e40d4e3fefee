/** Words of the command line that no task may have as its name. */
export const builtInCommands: readonly string[] = [
  'accept',
  'cache',
  'clean',
  'completion',
  'doctor',
  'env',
  'forget',
  'graph',
  'help',
  'init',
  'list',
  'lock',
  'log',
  'plan',
  'ssh',
  'status',
  'version',
  'watch',
  'why',
]

/** Letters, digits and `._/:@+-`, the first a letter, a digit or `_`. */
export function isTaskName(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}._/:@+-]*$/u.test(name)
}
