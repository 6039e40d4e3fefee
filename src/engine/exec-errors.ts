import type { ExecOptions, ExecResult } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import { plain } from '../util/width.ts'

export function noFolder(program: string, folder: string): LakituError {
  return new LakituError({
    code: 'E_NO_FOLDER',
    headline: `${program} cannot run in ${folder}, which is no folder`,
    next: 'Mend its cwd, or need the task that makes the folder.',
  })
}

function commandLine(program: string, args: readonly string[]): string {
  const words = [program, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
  const line = words.join(' ')
  return line.length > 300 ? `${line.slice(0, 297)}…` : line
}

export function failed(
  program: string,
  args: readonly string[],
  code: number | undefined,
  signal: string | undefined,
  output: Omit<ExecResult, 'code'>,
): LakituError {
  const last = (output.stderr || output.stdout).trim().split('\n').at(-1)
  return new LakituError({
    code: 'E_COMMAND_FAILED',
    headline: code === undefined ? `${program} was ended by ${signal}` : `${program} exited with code ${code}`,
    facts: {
      command: commandLine(program, args),
      said: last === '' || last === undefined ? undefined : plain(last).slice(0, 500),
    },
    ...(/No space left on device|ENOSPC/.test(`${output.stderr}${output.stdout}`)
      ? { next: 'The disk is full: free some space, then run the same command again.' }
      : {}),
  })
}

export function timeout(program: string, args: readonly string[], { timeout: ms = 0 }: ExecOptions): LakituError {
  return new LakituError({
    code: 'E_TIMEOUT',
    headline: `${program} did not end within ${ms / 1000} s and was stopped`,
    facts: { command: commandLine(program, args) },
  })
}

export function noTerminal(program: string, args: readonly string[]): LakituError {
  return new LakituError({
    code: 'E_NO_TERMINAL',
    headline: `${program} has to ask at a terminal, and there is none`,
    facts: { command: commandLine(program, args) },
    next: 'Run lakitu in a terminal, with neither its input nor all of its output led elsewhere.',
    family: 'world',
  })
}

/** The task is to stop: not a failure of its own. */
export class StoppedError extends LakituError {}

export function stopped(task: string): StoppedError {
  return new StoppedError({ code: 'E_STOPPED', headline: `${task} was stopped` })
}
