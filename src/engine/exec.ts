import { resolve } from 'node:path'
import type { Exec, ExecOptions, ExecResult } from '../model/context.ts'
import type { ProcessEnd, RunningProcess } from '../ports/processes.ts'
import { environmentFor, findProgram } from './environment.ts'
import { failed, noFolder, noTerminal, stopped, timeout } from './exec-errors.ts'
import { isFolder } from './look.ts'
import type { Ports } from './ports.ts'
import { refuseInArgv } from './secret-errors.ts'
import type { Secrets } from './secrets.ts'

/** How a task's programs are run. */
export interface ExecSetting {
  readonly task: string
  readonly root: string
  readonly ports: Pick<Ports, 'disk' | 'processes' | 'environment' | 'clock' | 'lendTerminal'>
  readonly secrets: Secrets
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

/** `ctx.exec` of one task. Errors: E_TOOL_MISSING, E_COMMAND_FAILED, E_TIMEOUT, E_NO_TERMINAL, E_SECRET_IN_ARGV, E_STOPPED. */
export function execFor(setting: ExecSetting): Exec {
  return async (program, args = [], options = {}) => {
    refuseInArgv(setting.secrets, setting.task, [program, ...args])
    const run = () => runProgram(setting, program, args, options)
    if (!options.terminal) return run()
    return setting.ports.lendTerminal(run) ?? Promise.reject(noTerminal(program, args))
  }
}

async function runProgram(
  setting: ExecSetting,
  program: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
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
  warnOf(setting, program, end)
  if (setting.signal.aborted) throw stopped(setting.task)
  // Also where it says that all is well: it ended because it was told to.
  if (timedOut.yes) throw timeout(program, args, options)
  const { code } = end
  if (code !== undefined && (options.okCodes ?? [0]).includes(code)) return { code, ...running.output() }
  throw failed(program, args, code, end.signal, masked(setting, running))
}

/** Before it is shortened for the error: of half a secret nobody could tell what it is. */
function masked({ secrets }: ExecSetting, { output }: Begun): Omit<ExecResult, 'code'> {
  const { stdout, stderr } = output()
  return { stdout: secrets.mask(stdout), stderr: secrets.mask(stderr) }
}

function warnOf({ onWarning }: ExecSetting, program: string, { leftovers, outOfReach }: ProcessEnd): void {
  if (leftovers.length > 0) {
    onWarning(`${program} left processes running, which were ended: ${leftovers.join(', ')}`)
  }
  if (outOfReach.length > 0) {
    const they = `${outOfReach.join(', ')}: of another user, so lakitu could not end it`
    onWarning(`${program} left running ${they} (sudo kill does)`)
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
  const { disk, environment, processes } = setting.ports
  if (!isFolder(disk, cwd)) throw noFolder(program, options.cwd ?? '.')
  const inside = JSON.stringify([setting.root, setting.task])
  const added = { ...options.env, LAKITU_RUN: setting.mark, LAKITU_INSIDE: inside }
  const env = environmentFor(environment, options.passEnv ?? [], added)
  const streams = { stdout: new Tail(), stderr: new Tail() }
  const sweep = options.sweep ?? setting.sweep
  const process = await processes.start({
    program: findProgram(disk, program, { cwd, path: env['PATH'] }),
    args,
    cwd,
    env,
    input: options.input,
    events: options.onEvent !== undefined,
    terminal: options.terminal ?? false,
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
