import { setTimeout as sleep } from 'node:timers/promises'
import { listing } from 'lakitu'
import type { AnsibleProject } from './environment.ts'
import { playbookError, unreachableError } from './errors.ts'
import { ansible, type Runner } from './run.ts'

export interface PingOptions extends AnsibleProject {
  /** How long hosts may take to answer, in ms; default 60,000. */
  readonly patience?: number
  /** Pause between two attempts, in ms; default 1,000. */
  readonly pause?: number
  /** Only these hosts; default all. */
  readonly limit?: readonly string[]
}

/** Waits until every host answers Ansible. A machine that has just started is retried, anything else fails at once. */
export async function ping(runner: Runner, options: PingOptions = {}): Promise<void> {
  const { patience = 60_000, pause = 1000 } = options
  const deadline = Date.now() + patience
  // Attempts that are expected to fail are nobody's news, so they stay out of the log.
  const quiet: Runner = {
    root: runner.root,
    signal: runner.signal,
    exec: (...words) => runner.exec(...words),
    progress: () => {},
    log: () => {},
  }
  let waiting: readonly string[] = options.limit ?? []
  runner.progress('asking every host')
  for (;;) {
    const limit = waiting.length > 0 ? ['--limit', waiting.join(',')] : []
    const { result, told } = await ansible(quiet, 'ansible', ['all', '-m', 'ansible.builtin.ping', ...limit], options)
    if (result.code === 0) return
    const lost = told.failures.filter((failure) => failure.kind === 'unreachable')
    if (lost.length === 0 || lost.length < told.failures.length) {
      throw playbookError(result.code, told, `${result.stdout}\n${result.stderr}`)
    }
    if (Date.now() >= deadline) throw unreachableError(lost)
    waiting = [...new Set(lost.map((failure) => failure.host))].sort()
    runner.progress(`waiting for ${listing(waiting)}`)
    await sleep(pause, undefined, { signal: runner.signal })
  }
}
