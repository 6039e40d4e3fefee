import { resolve } from 'node:path'
import type { Exec, ExecOptions, ExecResult } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { RunningProcess } from '../ports/processes.ts'
import { environmentFor, findProgram, isFolder } from './environment.ts'
import type { Ports } from './ports.ts'

/** How a task's programs are run. */
export interface ExecSetting {
  readonly task: string
  readonly root: string
  readonly ports: Pick<Ports, 'processes' | 'environment' | 'clock'>
  readonly signal: AbortSignal
  /** Aborted when there is no time left for a program to stop by itself. */
  readonly hurry?: AbortSignal
  /** In the environment of everything that this run starts. */
  readonly mark: string
  readonly sweep: boolean
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void
  readonly onWarning: (text: string) => void
}

const keptBytes = 1_000_000
/** In ms. */
const defaultGrace = 10_000
const hurriedGrace = 500

/** `ctx.exec` of one task. Errors: E_TOOL_MISSING, E_COMMAND_FAILED, E_TIMEOUT, E_STOPPED. */
export function execFor(setting: ExecSetting): Exec {
  return async (program, args = [], options = {}) => {
    if (setting.signal.aborted) throw stopped(setting.task)
    const running = await begin(setting, program, args, options)
    const limits = new AbortController()
    const grace = options.grace ?? defaultGrace
    const stop = () => running.process.stop(setting.hurry?.aborted ? Math.min(grace, hurriedGrace) : grace)
    setting.signal.addEventListener('abort', stop, { signal: limits.signal })
    setting.hurry?.addEventListener('abort', () => running.process.stop(hurriedGrace), { signal: limits.signal })
    if (setting.signal.aborted) stop()
    const timedOut = startTimeout(setting, running.process, options, limits.signal)
    const end = await running.process.ended
    limits.abort()
    if (end.leftovers.length > 0) {
      setting.onWarning(`${program} left processes running, which were ended: ${end.leftovers.join(', ')}`)
    }
    if (setting.signal.aborted) throw stopped(setting.task)
    const { code } = end
    if (code !== undefined && (options.okCodes ?? [0]).includes(code)) return { code, ...running.output() }
    if (timedOut.yes) throw timeout(program, args, options)
    throw failed(program, args, code, end.signal, running.output())
  }
}

interface Begun {
  readonly process: RunningProcess
  output(): Omit<ExecResult, 'code'>
}

async function begin(
  setting: ExecSetting,
  program: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<Begun> {
  const cwd = resolve(setting.root, options.cwd ?? '.')
  if (!isFolder(cwd)) throw noFolder(program, options.cwd ?? '.')
  const inside = JSON.stringify([setting.root, setting.task])
  const added = { ...options.env, LAKITU_RUN: setting.mark, LAKITU_INSIDE: inside }
  const env = environmentFor(setting.ports.environment, options.passEnv ?? [], added)
  const streams = { stdout: new Tail(), stderr: new Tail() }
  const sweep = options.sweep ?? setting.sweep
  const process = await setting.ports.processes.start({
    program: findProgram(program, cwd, env['PATH']),
    args,
    cwd,
    env,
    input: options.input,
    events: options.onEvent !== undefined,
    stopSignal: options.stopSignal ?? 'SIGTERM',
    sweepMark: sweep ? `LAKITU_RUN=${setting.mark}` : undefined,
    onLine: (line, source) => {
      if (source === 'event') return options.onEvent?.(line)
      streams[source].add(line)
      options.onLine?.(line, source)
      if (!options.silent) setting.onLine(line, source)
    },
  })
  return { process, output: () => ({ stdout: streams.stdout.text(), stderr: streams.stderr.text() }) }
}

/** The end of a stream, so that a flood does not fill the memory. */
class Tail {
  private lines: string[] = []
  private size = 0

  add(line: string): void {
    this.lines.push(line)
    this.size += line.length + 1
    if (this.size < 2 * keptBytes) return
    while (this.size > keptBytes) this.size -= (this.lines.shift() ?? '').length + 1
  }

  text(): string {
    return this.lines.join('\n')
  }
}

function startTimeout(
  setting: ExecSetting,
  process: RunningProcess,
  { timeout, grace = defaultGrace }: ExecOptions,
  ended: AbortSignal,
): { yes: boolean } {
  const timedOut = { yes: false }
  if (timeout === undefined) return timedOut
  void setting.ports.clock.wait(timeout, ended).then(() => {
    if (ended.aborted) return
    timedOut.yes = true
    process.stop(grace)
  })
  return timedOut
}

function noFolder(program: string, folder: string): LakituError {
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

function failed(
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
    facts: { command: commandLine(program, args), said: last === '' ? undefined : last?.slice(0, 500) },
    ...(/No space left on device|ENOSPC/.test(`${output.stderr}${output.stdout}`)
      ? { next: 'The disk is full: free some space, then run the same command again.' }
      : {}),
  })
}

function timeout(program: string, args: readonly string[], { timeout: ms = 0 }: ExecOptions): LakituError {
  return new LakituError({
    code: 'E_TIMEOUT',
    headline: `${program} did not end within ${ms / 1000} s and was stopped`,
    facts: { command: commandLine(program, args) },
  })
}

/** The task is to stop: not a failure of its own. */
export class StoppedError extends LakituError {}

export function stopped(task: string): StoppedError {
  return new StoppedError({ code: 'E_STOPPED', headline: `${task} was stopped` })
}
