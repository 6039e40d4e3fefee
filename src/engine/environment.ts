import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { LakituError } from '../model/error.ts'

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

/** The file that a program's name means: as a shell finds it on PATH, or relative to the folder. Error: E_TOOL_MISSING. */
export function findProgram(program: string, cwd: string, path: string | undefined): string {
  const files = program.includes('/')
    ? [resolve(cwd, program)]
    : (path ?? '').split(delimiter).map((folder) => join(folder, program))
  const found = files.find(isExecutable)
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

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
