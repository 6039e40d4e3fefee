import { delimiter, resolve } from 'node:path'
import { LakituError } from '../model/error.ts'
import type { Disk } from '../ports/disk.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Handed to every program and never a fact: without these hardly anything runs. */
const base = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_*',
  'TZ',
  'TMPDIR',
  'TERM',
  'SSH_AUTH_SOCK',
  'XDG_*',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
]

/** The base environment, what is let through by name, and what is added; `undefined` takes away. */
export function environmentFor(
  own: Environment,
  passed: readonly string[],
  added: Environment,
): Readonly<Record<string, string>> {
  const wanted = [...base, ...passed].map(matcher)
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && wanted.some((matches) => matches(name))) environment[name] = value
  }
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined) delete environment[name]
    else environment[name] = value
  }
  return environment
}

function matcher(pattern: string): (name: string) => boolean {
  if (!pattern.endsWith('*')) return (name) => name === pattern
  const start = pattern.slice(0, -1)
  return (name) => name.startsWith(start)
}

/** Where a program's name is looked up: a name alone on PATH, as a shell does; a path from the folder. */
export interface Lookup {
  /** Absolute. */
  readonly cwd: string
  readonly path: string | undefined
}

/** The file that a program's name means. Error: E_TOOL_MISSING. */
export function findProgram(disk: Disk, program: string, { cwd, path }: Lookup): string {
  const files = program.includes('/')
    ? [resolve(cwd, program)]
    : (path ?? '').split(delimiter).map((folder) => resolve(cwd, folder, program))
  const found = files.find((file) => disk.mayExecute(file))
  if (found !== undefined) return found
  throw new LakituError({
    code: 'E_TOOL_MISSING',
    headline: `The program ${program} is not there`,
    facts: program.includes('/') ? { folder: cwd } : { PATH: path ?? '(not set)' },
    next: program.includes('/')
      ? 'Bring the task that makes it up to date.'
      : `Install ${program}, then run the same command again.`,
    family: 'world',
  })
}
