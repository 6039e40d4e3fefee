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

/** Those of them that kits bring: `command('lock', …)`. */
export const commandsOfKits: readonly string[] = ['env', 'lock', 'ssh', 'status']

/** Long names of the options that every command has. */
export const commonOptions: readonly string[] = [
  'jobs',
  'keep-going',
  'force',
  'output',
  'json',
  'offline',
  'yes',
  'wait',
  'no-wait',
  'quiet',
  'verbose',
  'config',
  'help',
  'version',
]

/** Letters, digits and `._/:@+-`, the first a letter, a digit or `_`. */
export function isTaskName(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}._/:@+-]*$/u.test(name)
}
