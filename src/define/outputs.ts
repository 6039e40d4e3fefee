import type { AnyTask, DepfileWord, InputWord, OutputWord, UpdatesOutput, WitnessOutput } from '../model/task.ts'

/** A folder of which only the named files (relative to it) are checked; emptied before a run, never cached. */
export function witness(folder: string, ...files: readonly string[]): WitnessOutput {
  return { kind: 'witness', folder, files }
}

/** Witness files that a task adds to the witness folder of a task that it needs. */
export function updates(need: AnyTask, ...files: readonly string[]): UpdatesOutput {
  return { kind: 'updates', of: need, files }
}

/** In a `command`: the path, or the outputs of the tasks, as words of the argv, declared as inputs. */
export function input(of: InputWord['of']): InputWord {
  return { kind: 'input-word', of }
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
