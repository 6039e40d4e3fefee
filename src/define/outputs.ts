import type { AnyTask, InputWord, OutputWord, UpdatesOutput, WitnessOutput } from '../model/task.ts'

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
