import { posix } from 'node:path'
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
  /** Brings something where lakitu does not see it: a registry, say. The task has no outputs. */
  | { readonly op: 'publish'; readonly place: string }
  /** Takes what a need published. */
  | { readonly op: 'fetch'; readonly of: string; readonly place: string }

export interface TaskSpec {
  readonly name: string
  readonly kind: 'command' | 'function'
  readonly ops: readonly Op[]
  /** Needs that are named, beside those that the paths imply. */
  readonly needs: readonly string[]
  /** Declared environment of a command. */
  readonly salt: string
  /** Where a command runs, relative to the root; its program's work shows where it was. */
  readonly cwd: string
  /** What it needs that nobody may see. A function says it aloud. */
  readonly secret: 'none' | 'variable' | 'file'
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
/** Where a command may run, beside the root. */
export const workFolders = ['work/one', 'work/two'] as const
export const secretFile = 'secret/token'
export const secretVariable = 'TOKEN'
/** In all texts that are secrets, and nowhere else. */
export const hushed = 'hush-'
export const secretTexts = [`${hushed}one`, `${hushed}two`, `${hushed}three`] as const
/** What is there does not get lost with this machine. */
export const store = '/store'
/** Below it, globs look for `*.g`. */
export const globFolder = 'glob'
export const globbed = ['glob/1.g', 'glob/2.g', 'glob/sub/3.g', 'glob/4.txt'] as const

export function cwdOf({ cwd }: TaskSpec): string {
  return posix.join(root, cwd)
}

export function publishes({ ops }: TaskSpec): boolean {
  return ops.some(({ op }) => op === 'publish')
}

/** What was published without a record of it on the disk itself: effects are for that, and nobody can tell after a power cut. */
export function mayLosePower({ tasks }: ProjectSpec): boolean {
  return !tasks.some(publishes)
}

/** What a task makes: its own paths. */
export function outputsOf({ ops }: TaskSpec): readonly string[] {
  return ops.flatMap((op) => (op.op === 'write' || op.op === 'fill' || op.op === 'link' ? [op.path] : []))
}
