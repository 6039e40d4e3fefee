import type { InputWord } from '../model/input.ts'
import type { AnyTask, DepfileWord, OutputWord, UpdatesOutput, WitnessOutput } from '../model/task.ts'

/** A folder of which only the named files (relative to it) are checked; emptied before a run, never cached. */
export function witness(folder: string, ...files: readonly string[]): WitnessOutput {
  return { kind: 'witness', folder, files }
}

/** Witness files that a task adds to the witness folder of a task that it needs. */
export function updates(need: AnyTask, ...files: readonly string[]): UpdatesOutput {
  return { kind: 'updates', of: need, files }
}

/**
 * In a `command`: the path, or the outputs of the tasks, as words of the argv, declared as inputs.
 *
 * Among `inputs`: files, or what tasks make, whole or the part that the patterns mean (`input(gen, '**\/*.d.ts')`; a leading `!` takes away). They match
 * the path from the root or that in the task's output folder. The task becomes a need, of which nothing else counts: not its value, nor other outputs.
 * `ctx.inputs` gets the sorted list of files. Errors: E_EMPTY_PART where the patterns mean nothing, E_PART_IN_COMMAND.
 */
export function input(of: string | readonly (string | AnyTask)[]): InputWord
export function input(of: AnyTask | readonly AnyTask[], ...patterns: readonly string[]): InputWord
export function input(of: InputWord['of'], ...patterns: readonly string[]): InputWord {
  return { kind: 'input-word', of, patterns }
}

/** In a `command`: the path as a word of the argv, declared as an output. */
export function output(path: string): OutputWord {
  return { kind: 'output-word', path }
}

/**
 * In a `command`: the path of the file in which the program writes down what it read, as rules of Make (`-MMD -MF`).
 * These are *discovered* inputs: the task runs again when one of them changes. Default a place of lakitu's own.
 */
export function depfile(path?: string): DepfileWord {
  return { kind: 'depfile-word', path }
}
