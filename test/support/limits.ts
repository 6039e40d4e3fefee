import { spawnSync } from 'node:child_process'
import { chownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Words in front of a program that is to run with less than the test has, and why that cannot be had here. */
export interface Inside {
  readonly words: readonly string[]
  readonly missing: string | undefined
}

const isRoot = process.getuid?.() === 0
const nobody = 65534

/** As a user for whom permissions count. */
export const asUser: Inside = isRoot
  ? tried(['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'])
  : { words: [], missing: undefined }

/** On a file system that is read-only from the current folder down. */
export const onReadOnly: Inside = tried([
  ...['unshare', '-m', 'sh', '-c'],
  'mount --bind "$PWD" "$PWD" && mount -o remount,bind,ro "$PWD" && cd "$PWD" && exec "$@"',
  'sh',
])

/** With so few files that a process may have open. */
export function withFiles(most: number): readonly string[] {
  return ['sh', '-c', `ulimit -n ${most} && exec "$@"`, 'sh']
}

function tried(words: readonly string[]): Inside {
  const [program = '', ...args] = words
  const { status, error, stderr } = spawnSync(program, [...args, process.execPath, '--version'], { encoding: 'utf8' })
  return { words, missing: status === 0 ? undefined : `${program} does not work here: ${error?.message ?? stderr}` }
}

/** Gives a folder with all in it to the user of `asUser`. */
export function giveAway(path: string): void {
  if (!isRoot) return
  chownSync(path, nobody, nobody)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) giveAway(join(path, name))
}
