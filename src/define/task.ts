import type {
  Change,
  Context,
  Drift,
  DriftContext,
  ExplainContext,
  ProbeContext,
  UndoContext,
} from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import type { FilesInput, Input, Inputs } from '../model/input.ts'
import type {
  Action,
  AnyTask,
  Definition,
  EffectDefinition,
  Need,
  Needs,
  Output,
  Task,
  TaskKind,
  Word,
} from '../model/task.ts'
import { callsite } from './callsite.ts'
import { depfileOf } from './depfile.ts'

/** Nothing needed, nothing read: the default of the two records. */
export type None = Readonly<Record<never, never>>

export interface Common<N extends Needs, I extends Inputs> {
  /** What the task is for, in a few words; tasks without it are folded in `lakitu`. */
  readonly about?: string
  /** Other names on the command line. */
  readonly alias?: string | readonly string[]
  /** Tasks whose results this one uses, by the name under which `ctx.needs` hands them over. A function is evaluated after load. */
  readonly needs?: N | readonly AnyTask[] | (() => N)
  /** Brought up to date just before this task runs, without entering its facts. */
  readonly after?: readonly AnyTask[] | (() => readonly AnyTask[])
  readonly inputs?: I | readonly Input[]
  /**
   * Files that it reads and may write to (a formatter, a lock file): inputs as well, recorded as they are *after* the run, so that its own edit is
   * no reason to run again. What others write to them during the run counts as its own. Nothing else may make or rewrite them: E_REWRITES.
   */
  readonly rewrites?: FilesInput
  /** Named limits that it shares with others: tasks of one pool run one at a time. */
  readonly pools?: readonly string[]
  /** An attempt that takes longer, in ms, is stopped and has failed. Default never. */
  readonly timeout?: number
  /** How many more attempts there are after a failed one. Default 0. */
  readonly retries?: number
  /** Runs every time and has no record. Default false. */
  readonly always?: boolean
  /** Whether its result holds in another folder or on another machine of the same kind. Default true. */
  readonly portable?: boolean
}

export interface TaskOptions<V, N extends Needs, I extends Inputs> extends Common<N, I> {
  /** Files and folders that it makes: paths, `witness(…)`, `updates(…)`. */
  readonly outputs?: readonly (string | Output)[]
  /** The file in which the run writes down what it read, as rules of Make; must be there after it. As `depfile(…)` in the command. */
  readonly depfile?: string
  /** argv; `input(…)`, `output(…)` and `depfile(…)` in it count as declared. */
  readonly command?: readonly Word[]
  /** Environment of the command, counted as a fact. Its PATH is where the program is looked up. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the command, relative to the root. `input(…)` and `output(…)` stay relative to the root; the program gets them as it sees them. */
  readonly cwd?: string
  readonly run?: (context: Context<N, I>) => V | Promise<V>
  /** Finds its outputs as the last run left them instead of none; its result is not cached. Default false. */
  readonly incremental?: boolean
  /** Whether its result is kept, to be had again from the same facts without a run. Default true. */
  readonly cache?: boolean
  /** Allows `ctx.leaveOut(reason)`; the value is then `V | undefined`. */
  readonly mayBeLeftOut?: boolean
}

export interface EffectOptions<V, N extends Needs, I extends Inputs> extends Common<N, I> {
  /** Observes the world: a JSON value, or null where nothing is there. Throwing, or taking over 5 s, means unknown. */
  readonly probe: (context: ProbeContext<N, I>) => V | null | Promise<V | null>
  readonly run: (context: Context<N, I>) => void | Promise<void>
  /**
   * Says in lines what of it would run now, or what an edit of `context.file` would run, for `lakitu plan`. It is asked where every need ran once, and
   * changes nothing; what it throws, or 30 s of silence, is told in place of its lines.
   */
  readonly explain?: (context: ExplainContext<N, I>) => readonly string[] | Promise<readonly string[]>
  /**
   * Looks deeper than the probe whether the world is as the effect left it; costs more, and changes nothing. A watch asks it when it was idle for a minute
   * after a run that did a part (`ctx.ranPart()`), and then runs the effect with `ctx.forced` where anything drifted; and at the key c. Nobody
   * else works in the tree meanwhile. An edit aborts `context.signal`; what it throws is a warning.
   */
  readonly drift?: (context: DriftContext<N, I>) => readonly Drift[] | Promise<readonly Drift[]>
  /**
   * Whether a watch shows what would run, and waits for Enter, where one of these changes is a reason to run it; `true`: whatever the reason is. Not in
   * the first run of the watch. Default false.
   */
  readonly asks?: boolean | ((change: Change) => boolean)
  /** Throws where it must not be undone. All effects of an undo are asked before the first one is undone. */
  readonly mayUndo?: (context: UndoContext<V, I>) => void | Promise<void>
  /** Takes away what the effect made, working from what was recorded. */
  readonly undo?: (context: UndoContext<V, I>) => void | Promise<void>
  /** Whether running it again is right when the probe cannot tell. Default false: then that is an error. */
  readonly converges?: boolean
  /** How long, in ms, the probe may take after a run until it answers the same twice. Default 30,000. */
  readonly settle?: number
}

/**
 * Declares a task. Its value is what `run` returns (JSON).
 * Errors that can be seen here (a bad name, `run` beside `command`) are thrown when the config loads.
 */
export function task<V = undefined, const N extends Needs = None, const I extends Inputs = None>(
  name: string,
  options: TaskOptions<V, N, I> & { readonly mayBeLeftOut: true },
): Task<V | undefined>
export function task<V = undefined, const N extends Needs = None, const I extends Inputs = None>(
  name: string,
  options: TaskOptions<V, N, I>,
): Task<V>
export function task<V, N extends Needs, I extends Inputs>(name: string, options: TaskOptions<V, N, I>): Task<V> {
  return declare(name, 'task', options, actionOf(options), {
    outputs: outputsOf(options),
    env: options.env ?? {},
    cwd: options.cwd ?? '.',
    mayBeLeftOut: options.mayBeLeftOut ?? false,
    incremental: options.incremental ?? false,
    cache: options.cache ?? true,
  })
}

/** Declares an effect: a task that changes the world outside the work tree. Its value is what its probe answers. */
export function effect<V, const N extends Needs = None, const I extends Inputs = None>(
  name: string,
  options: EffectOptions<V, N, I>,
): Task<V> {
  const { probe, explain, drift, asks = false, mayUndo, undo, converges = false, settle = 30_000 } = options
  const definition: EffectDefinition = {
    probe,
    converges,
    settle,
    asks,
    ...(explain ? { explain } : {}),
    ...(drift ? { drift } : {}),
    ...(mayUndo ? { mayUndo } : {}),
    ...(undo ? { undo } : {}),
  }
  return declare(name, 'effect', options, { kind: 'run', run: options.run }, { effect: definition })
}

/** Declares the task that undoes these effects and every effect that needs them, dependents first. */
export function undo(
  name: string,
  effects: readonly AnyTask[],
  options: { readonly about?: string; readonly alias?: string | readonly string[] } = {},
): Task<undefined> {
  return declare(name, 'undo', { ...options, always: true }, { kind: 'undo', effects }, {})
}

function outputsOf<V, N extends Needs, I extends Inputs>(options: TaskOptions<V, N, I>): readonly Output[] {
  const beside = (options.outputs ?? []).map((o): Output => (typeof o === 'string' ? { kind: 'path', path: o } : o))
  const words = (options.command ?? []).filter((word) => typeof word === 'object' && word.kind === 'output-word')
  return [...beside, ...words.map(({ path }): Output => ({ kind: 'path', path }))]
}

function actionOf<V, N extends Needs, I extends Inputs>(options: TaskOptions<V, N, I>): Action {
  if (options.command) return { kind: 'command', words: options.command }
  return options.run ? { kind: 'run', run: options.run } : { kind: 'none' }
}

type Optional = 'outputs' | 'env' | 'cwd' | 'mayBeLeftOut' | 'incremental' | 'cache' | 'effect' | 'service'
type Rest = Partial<Pick<Definition, Optional>>

export function declare<V, N extends Needs, I extends Inputs>(
  name: string,
  kind: TaskKind,
  options: Common<N, I> & { readonly command?: readonly Word[]; readonly run?: unknown; readonly depfile?: string },
  action: Action,
  rest: Rest,
): Task<V> {
  const { modules, site, stack } = callsite()
  if (options.command && options.run) throw twoActions(name, site)
  const { needs, after, inputs, alias } = options
  const definition: Definition = {
    kind,
    name,
    about: options.about,
    aliases: alias === undefined ? [] : typeof alias === 'string' ? [alias] : alias,
    needs: () => named<Need>(typeof needs === 'function' ? needs() : (needs ?? {})),
    after: () => (typeof after === 'function' ? after() : (after ?? [])),
    inputs: named<Input>(inputs ?? {}),
    rewrites: options.rewrites,
    outputs: [],
    depfile: depfileOf(name, options, site),
    env: {},
    cwd: '.',
    action,
    always: options.always ?? false,
    portable: options.portable ?? true,
    mayBeLeftOut: false,
    incremental: false,
    cache: false,
    pools: options.pools ?? [],
    timeout: options.timeout,
    retries: options.retries ?? 0,
    effect: undefined,
    service: undefined,
    modules,
    site,
    stack,
    ...rest,
  }
  return { name, definition }
}

/** A list counts as a record under its indexes. */
function named<T>(items: Readonly<Record<string, T>> | readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries<T>(items))
}

function twoActions(name: string, site: string): LakituError {
  return new LakituError({
    code: 'E_TWO_ACTIONS',
    headline: `Task ${name} has both a command and a run function`,
    facts: { declared: site },
    next: 'Keep one of them; run can start programs with ctx.exec.',
    family: 'usage',
  })
}
