import type { EffectSpec } from './effect-spec.ts'

/** One thing that a simulated program does. Paths are relative to the project's root. */
export type Op =
  /** Reads a declared file. */
  | { readonly op: 'read'; readonly path: string }
  /** Lists a folder and reads what a declared glob matches there. */
  | { readonly op: 'list'; readonly folder: string }
  /** Reads a declared file and the files that it names, and says so in a depfile. */
  | { readonly op: 'include'; readonly path: string; readonly depfile: string }
  /** `ctx.read`, of tasks with functions. */
  | { readonly op: 'ask'; readonly path: string }
  /** The value of a need, of tasks with functions. */
  | { readonly op: 'value'; readonly of: string }
  | { readonly op: 'write'; readonly path: string; readonly executable: boolean }
  /** Zero to three files and an empty folder, as what was read decides. */
  | { readonly op: 'fill'; readonly path: string }
  | { readonly op: 'link'; readonly path: string }

export interface TaskSpec {
  readonly name: string
  readonly kind: 'command' | 'function'
  readonly ops: readonly Op[]
  /** Needs that are named, beside those that the paths imply. */
  readonly needs: readonly string[]
  /** Declared environment of a command. */
  readonly salt: string
  /** Content of the module that holds a function. */
  readonly code: string
  /** Whether a function returns what it read as its value. */
  readonly hasValue: boolean
}

export interface ProjectSpec {
  readonly tasks: readonly TaskSpec[]
  /** Those that others stand on come first. All of them are asked for. */
  readonly effects?: readonly EffectSpec[]
  readonly target: string
}

export const root = '/p'
export const sources = ['src/a', 'src/b', 'src/c', 'src/d/e'] as const
export const headers = ['inc/h1', 'inc/h2', 'inc/h3'] as const
/** Below it, globs look for `*.g`. */
export const globFolder = 'glob'
export const globbed = ['glob/1.g', 'glob/2.g', 'glob/sub/3.g', 'glob/4.txt'] as const

/** What a task makes: its own paths. */
export function outputsOf({ ops }: TaskSpec): readonly string[] {
  return ops.flatMap((op) => (op.op === 'write' || op.op === 'fill' || op.op === 'link' ? [op.path] : []))
}
