import type {
  Change,
  Context,
  DriftContext,
  ExplainContext,
  ProbeContext,
  ReadyContext,
  ServiceContext,
  UndoContext,
} from './context.ts'
import type { Handle } from './handle.ts'
import type { FilesInput, Inputs, InputWord } from './input.ts'

/** A handle on a task: what `needs` and `defineConfig` take. `V` is the type of its value. */
export interface Task<out V = unknown> extends Handle<V> {
  readonly definition: Definition
}

export type AnyTask = Task<unknown>

/** A handle on a service. Its value is there while it is ready; `serves` tells it from a task whose value is recorded. */
export interface Service<out V = unknown> extends Task<V> {
  readonly serves: true
}

/** One need: a task, or a list of tasks whose values come as a list. */
export type Need = AnyTask | readonly AnyTask[]
export type Needs = Readonly<Record<string, Need>>

/** One word of a `command`: text, or a mark that also declares an input, an output or the depfile. */
export type Word = string | InputWord | OutputWord | DepfileWord
export interface OutputWord {
  readonly kind: 'output-word'
  readonly path: string
}
export interface DepfileWord {
  readonly kind: 'depfile-word'
  /** Undefined: a place of lakitu's own, after the task's name. */
  readonly path: string | undefined
}

/** A file or a folder that a task makes, whole. */
export interface PathOutput {
  readonly kind: 'path'
  readonly path: string
}

/**
 * A folder whose inside is a tool's own business (a virtual environment, node_modules). It is the task's own for
 * overlap and `clean` and is emptied before a run, but only the named files are checked.
 */
export interface WitnessOutput {
  readonly kind: 'witness'
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
}

/** Witness files that a task adds to a need's witness folder; it does not empty it. */
export interface UpdatesOutput {
  readonly kind: 'updates'
  readonly of: AnyTask
  /** Relative to the need's witness folder. */
  readonly files: readonly string[]
}

export type Output = PathOutput | WitnessOutput | UpdatesOutput

export type TaskKind = 'task' | 'effect' | 'undo' | 'service'

/** What a task does: argv as data, a function, which of a service lasts as long as that, or the undoing of effects. */
export type Action =
  | { readonly kind: 'command'; readonly words: readonly Word[] }
  | { readonly kind: 'run'; run(context: Context): unknown }
  | { readonly kind: 'serve'; run(context: ServiceContext): unknown }
  | { readonly kind: 'undo'; readonly effects: readonly AnyTask[] }
  | { readonly kind: 'none' }

/** A task as declared: everything that the config said, nothing checked yet. */
export interface Definition {
  readonly kind: TaskKind
  readonly name: string
  readonly about: string | undefined
  readonly aliases: readonly string[]
  readonly needs: () => Needs
  readonly after: () => readonly AnyTask[]
  readonly inputs: Inputs
  /** Inputs that its own run may change. */
  readonly rewrites: FilesInput | undefined
  readonly outputs: readonly Output[]
  /** Where the run writes down, in Make's syntax, what it read. */
  readonly depfile: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly action: Action
  readonly always: boolean
  readonly portable: boolean
  readonly mayBeLeftOut: boolean
  readonly incremental: boolean
  readonly cache: boolean
  readonly pools: readonly string[]
  /** Of one attempt, in ms. */
  readonly timeout: number | undefined
  readonly retries: number
  readonly effect: EffectDefinition | undefined
  readonly service: ServiceDefinition | undefined
  /** Local modules on the stack of the call that made the task, the nearest first, as file URLs. */
  readonly modules: readonly string[]
  /** `file:line` of that call, for messages. */
  readonly site: string
  /** The whole of that stack, as text: tasks that one loop declares have the same. */
  readonly stack: string
}

export interface EffectDefinition {
  probe(context: ProbeContext): unknown
  explain?(context: ExplainContext): unknown
  drift?(context: DriftContext): unknown
  /** Whether a watch asks before it runs it, for this change or whatever the reason is. */
  readonly asks: boolean | ((change: Change) => boolean)
  mayUndo?(context: UndoContext): unknown
  undo?(context: UndoContext): unknown
  readonly converges: boolean
  /** How long the probe may take to answer the same twice after a run, in ms. */
  readonly settle: number
}

export interface ServiceDefinition {
  ready(context: ReadyContext): unknown
  /** How long it may take to be ready, in ms. */
  readonly timeout: number
}
