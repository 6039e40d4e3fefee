import type { ReadyContext, ServiceContext } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { Inputs, InputWord } from '../model/input.ts'
import type { Action, Needs, Service, Word } from '../model/task.ts'
import { callsite } from './callsite.ts'
import { type Common, declare, type None } from './task.ts'

type Shared = 'about' | 'alias' | 'needs' | 'after' | 'inputs'

export interface ServiceOptions<V, N extends Needs, I extends Inputs> extends Pick<Common<N, I>, Shared> {
  /** argv of its program, which stays running in the foreground; `input(…)` in it counts as declared. */
  readonly command?: readonly (string | InputWord)[]
  /** Environment of the command, counted as a fact. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the command, relative to the root. */
  readonly cwd?: string
  /** In place of a command: what it promises comes when the service has ended, as `({ exec }) => exec(…)` does. */
  readonly run?: (context: ServiceContext<N, I>) => unknown
  /** Asked ten times a second until it answers a value (JSON), which `ctx.needs` hands to dependents. `null`, or throwing: not yet. */
  readonly ready: (context: ReadyContext<N, I>) => V | null | Promise<V | null>
  /** How long it may take to be ready, in ms. Default 30,000. */
  readonly timeout?: number
}

/**
 * Declares a service: a task that stays running and is *ready* when its probe says so. It is started when a task that needs it is about to
 * run, and ends with lakitu at the latest. Dependents compare its facts, not its value: that may be a port, another one each time.
 *
 * Errors: E_TWO_ACTIONS, E_NO_ACTION, E_SERVICE_OUTPUT when the config loads; E_SERVICE_ENDED, E_SERVICE_NOT_READY when it runs.
 */
export function service<V, const N extends Needs = None, const I extends Inputs = None>(
  name: string,
  options: ServiceOptions<V, N, I>,
): Service<V> {
  // Of another task this would be the time of its attempt.
  const { timeout = 30_000, ...others } = options
  const { command, run, ready, env = {}, cwd = '.' } = options
  refuseOutputs(name, command ?? [])
  const action: Action | undefined = command ? { kind: 'command', words: command } : run && { kind: 'serve', run }
  if (!action) throw noAction(name)
  const task = declare<V, N, I>(name, 'service', others, action, { env, cwd, service: { ready, timeout } })
  return { ...task, serves: true }
}

function refuseOutputs(name: string, words: readonly Word[]): void {
  const makes = words.some((word) => typeof word === 'object' && word.kind !== 'input-word')
  if (!makes) return
  throw new LakituError({
    code: 'E_SERVICE_OUTPUT',
    headline: `Service ${name} has output(…) or depfile(…) in its command, but nothing of a service is kept`,
    facts: { declared: callsite().site },
    next: 'Let a task make the file, and put that task into its needs.',
    family: 'usage',
  })
}

function noAction(name: string): LakituError {
  return new LakituError({
    code: 'E_NO_ACTION',
    headline: `Service ${name} says neither with a command nor with a run function what stays running`,
    facts: { declared: callsite().site },
    next: 'Give it either of them.',
    family: 'usage',
  })
}
