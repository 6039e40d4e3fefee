import type { Handle } from './handle.ts'
import type { Secret, SecretSource } from './secret.ts'

/** What a task reads. Made by `files()`, `value()`, `env()`, `tool()`, `secret()` and `input()`; `T` is what `ctx.inputs` hands to the task. */
export type Input<T = unknown> =
  | FilesInput<T>
  | ValueInput<T>
  | EnvInput<T>
  | ToolInput<T>
  | SecretInput<T>
  | InputWord<T>

/** Only in types: what an input hands over. */
export declare const handsOver: unique symbol

export interface FilesInput<T = readonly string[]> {
  readonly kind: 'files'
  /** Paths and globs as written, relative to the project's root; a leading `!` takes away. */
  readonly patterns: readonly string[]
  readonly [handsOver]?: T
}

/** Opaque: its content is reached only as `ctx.inputs.name`, so that an edit reruns what picked the edited part. */
export interface ValueInput<T = unknown> {
  readonly kind: 'value'
  /** For commands, which have no inputs: what a task takes from here is no fact of it. */
  readonly content: () => T
  /** Declares a part of the value as the input. */
  pick<P>(part: (whole: T) => P): ValueInput<P>
  readonly [handsOver]?: T
}

export interface EnvInput<T = string | undefined> {
  readonly kind: 'env'
  readonly variable: string
  readonly [handsOver]?: T
}

export interface ToolInput<T = string> {
  readonly kind: 'tool'
  readonly program: string
  /** Asked once in a process; what it prints is the fact. */
  readonly args: readonly string[]
  readonly trustsFile: boolean
  /**
   * Does not ask as long as the program's file, and links on the way to it, are those that answered before: for tools that are slow to say their
   * version, and whose version is in that one file. Not for a script whose packages are elsewhere.
   */
  trustFile(): ToolInput<T>
  readonly [handsOver]?: T
}

export interface SecretInput<T = Secret> {
  readonly kind: 'secret'
  readonly from: SecretSource
  readonly [handsOver]?: T
}

/** Paths, and what tasks make. As a word of a `command` it is their paths as well. */
export interface InputWord<T = readonly string[]> {
  readonly kind: 'input-word'
  readonly of: string | Handle | readonly (string | Handle)[]
  /** What is taken of the tasks' outputs; none: all. */
  readonly patterns: readonly string[]
  readonly [handsOver]?: T
}

/** A part of what tasks make, and files beside it, as the graph makes them of an `InputWord`. */
export interface PartInput {
  readonly kind: 'part'
  /** Names of the tasks. */
  readonly tasks: readonly string[]
  readonly patterns: readonly string[]
  /** Patterns of the files. */
  readonly files: readonly string[]
}

export type Inputs = Readonly<Record<string, Input>>
export type InputValue<I> = I extends { readonly [handsOver]?: infer T } ? Exclude<T, never> : never
export type InputValues<I extends Inputs> = { readonly [K in keyof I]: InputValue<I[K]> }

export interface NamedInput {
  readonly name: string
  readonly input: Exclude<Input, InputWord<unknown>> | PartInput
}

/** The files that an input names, as patterns. */
export function patternsOf(input: NamedInput['input']): readonly string[] {
  return input.kind === 'files' ? input.patterns : input.kind === 'part' ? input.files : []
}
