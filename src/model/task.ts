import type { Context, ProbeContext, UndoContext } from './context.ts'
import type { Inputs } from './input.ts'
import type { Output } from './output.ts'

/** Only in types: what a task's `run` returns, or an effect's probe answers. */
export declare const valueType: unique symbol

/** A handle on a task: what `needs` and `defineConfig` take. `V` is the type of its value. */
export interface Task<out V = unknown> {
  readonly name: string
  readonly definition: Definition
  readonly [valueType]?: V
}

export type AnyTask = Task<unknown>

/** One need: a task, or a list of tasks whose values come as a list. */
export type Need = AnyTask | readonly AnyTask[]
export type Needs = Readonly<Record<string, Need>>
export type NeedValue<N> = N extends { readonly [valueType]?: infer V }
  ? V
  : N extends readonly (infer T)[]
    ? readonly NeedValue<T>[]
    : never
export type NeedValues<N extends Needs> = { readonly [K in keyof N]: NeedValue<N[K]> }

/** One word of a `command`: text, or a mark that also declares an input or an output. */
export type Word = string | InputWord | OutputWord
export interface InputWord {
  readonly kind: 'input-word'
  readonly of: string | AnyTask | readonly (string | AnyTask)[]
}
export interface OutputWord {
  readonly kind: 'output-word'
  readonly path: string
}

export type TaskKind = 'task' | 'effect' | 'undo'

/** What a task does: argv as data, a function, or the undoing of effects. */
export type Action =
  | { readonly kind: 'command'; readonly words: readonly Word[] }
  | { readonly kind: 'run'; run(context: Context): unknown }
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
  readonly outputs: readonly Output[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly action: Action
  readonly always: boolean
  readonly portable: boolean
  readonly mayBeLeftOut: boolean
  readonly pools: readonly string[]
  readonly effect: EffectDefinition | undefined
  /** Local modules on the stack of the call that made the task, the nearest first, as file URLs. */
  readonly modules: readonly string[]
  /** `file:line` of that call, for messages. */
  readonly site: string
}

export interface EffectDefinition {
  probe(context: ProbeContext): unknown
  undo?(context: UndoContext): unknown
  readonly converges: boolean
  /** How long the probe may take to answer the same twice after a run, in ms. */
  readonly settle: number
}
