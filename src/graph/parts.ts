import { LakituError } from '../model/error.ts'
import type { Input, Inputs, InputWord, NamedInput } from '../model/input.ts'
import type { AnyTask } from '../model/task.ts'
import { treePath } from '../util/paths.ts'
import { literalPattern } from '../util/patterns.ts'
import { isTask } from './collect.ts'

type Named = Extract<InputWord['of'], readonly unknown[]>[number]

/** An input as the engine takes it: `input(path)` is a file, `input(task, …)` a part of what the task makes. */
export function inputOf(name: string, input: Input, root: string): NamedInput {
  if (input.kind !== 'input-word') return { name, input }
  const named: readonly Named[] = [input.of].flat()
  const files = named.filter((of) => typeof of === 'string').map((path) => literalPattern(treePath(root, path)))
  const tasks = named.filter(isTask).map((task) => task.name)
  if (tasks.length === 0) return { name, input: { kind: 'files', patterns: files } }
  return { name, input: { kind: 'part', tasks, patterns: input.patterns, files } }
}

/** The tasks that the inputs name. */
export function tasksInInputs(inputs: Inputs): readonly AnyTask[] {
  return Object.values(inputs).flatMap((input) => (input.kind === 'input-word' ? [input.of].flat().filter(isTask) : []))
}

/** argv must be known when the config loads; what a task makes of a pattern, only its run tells. */
export function partInCommand({ name, definition }: AnyTask, patterns: readonly string[]): LakituError {
  return new LakituError({
    code: 'E_PART_IN_COMMAND',
    headline: `The command of ${name} names a part of what a task makes (${patterns.join(', ')}), whose paths only a run tells`,
    facts: { declared: definition.site },
    next: 'Put it among the inputs, inputs: [input(task, pattern)], and give the program the folder; or write a run function.',
    family: 'usage',
  })
}

/** What a task makes stands in records and caches by its plain content. */
export function secretIsOutput({ name, definition }: AnyTask, path: string, maker: string): LakituError {
  return new LakituError({
    code: 'E_SECRET_PLACE',
    headline: `The secret file ${path} of ${name} is made by ${maker}, so it would be recorded and kept like any output`,
    facts: { declared: definition.site },
    next: 'Keep secrets in files that no task makes, for example below .lakitu/.',
    family: 'usage',
  })
}
