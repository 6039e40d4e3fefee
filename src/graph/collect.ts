import type { Command } from '../model/command.ts'
import type { TaskSource } from '../model/config.ts'
import { LakituError } from '../model/error.ts'
import type { InputWord } from '../model/input.ts'
import { builtInCommands, isTaskName } from '../model/names.ts'
import type { AnyTask, Need, Word } from '../model/task.ts'

/** A task with what it names, lists flattened and functions evaluated. */
export interface Collected {
  readonly task: AnyTask
  readonly needs: readonly { readonly key: string; readonly tasks: readonly AnyTask[]; readonly list: boolean }[]
  readonly after: readonly AnyTask[]
}

/** Every task of the config, and every task that these name, in the order of declaration. */
export function collect(source: TaskSource): readonly Collected[] {
  const found = new Map<AnyTask, Collected>()
  const waiting = [...tasksIn(source)].reverse()
  while (waiting.length > 0) {
    const task = waiting.pop()
    if (!task || found.has(task)) continue
    const collected = resolve(task)
    found.set(task, collected)
    const named = [...collected.needs.flatMap((n) => n.tasks), ...collected.after, ...namedElsewhere(task)]
    for (const other of named.reverse()) waiting.push(other)
  }
  const all = [...found.values()]
  checkNames(all)
  return all
}

export function isTask(thing: unknown): thing is AnyTask {
  return typeof thing === 'object' && thing !== null && 'definition' in thing && 'name' in thing
}

/** The commands that the config registers, in the order of declaration. */
export function commandsIn(source: TaskSource): readonly Command[] {
  return [...declaredIn(source)].filter(isCommand)
}

function tasksIn(source: TaskSource): readonly AnyTask[] {
  return [...declaredIn(source)].filter(isTask)
}

function* declaredIn(source: unknown, seen = new Set<unknown>()): Generator<AnyTask | Command> {
  if (typeof source !== 'object' || source === null || seen.has(source)) return
  seen.add(source)
  if (isTask(source) || isCommand(source)) yield source
  else if (Array.isArray(source)) for (const part of source) yield* declaredIn(part, seen)
  else if (isPlain(source)) for (const part of Object.values(source)) yield* declaredIn(part, seen)
}

function isCommand(thing: unknown): thing is Command {
  return typeof thing === 'object' && thing !== null && 'kind' in thing && thing.kind === 'command' && 'run' in thing
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === null || prototype === Object.prototype
}

/** The tasks whose folders it updates, that it undoes, and whose outputs are words of its command. */
function namedElsewhere(task: AnyTask): AnyTask[] {
  const { action, outputs, inputs } = task.definition
  const updated = outputs.flatMap((o) => (o.kind === 'updates' ? [o.of] : []))
  const effects = action.kind === 'undo' ? action.effects : []
  const words = action.kind === 'command' ? action.words.flatMap(tasksInWord) : []
  checkTasks(task, 'updates', updated)
  checkTasks(task, 'effects', effects)
  checkTasks(task, 'input in the command', words)
  const read = Object.entries(inputs).flatMap(([name, input]) => {
    const named = input.kind === 'input-word' ? tasksOf(input) : []
    checkTasks(task, `inputs.${name}`, named)
    return named
  })
  return [...updated, ...effects, ...words, ...read].filter(isTask)
}

/** Paths are none. */
function tasksInWord(word: Word): readonly unknown[] {
  return typeof word === 'string' || word.kind !== 'input-word' ? [] : tasksOf(word)
}

function tasksOf({ of }: InputWord<unknown>): readonly unknown[] {
  return [of].flat().filter((each) => typeof each !== 'string')
}

function resolve(task: AnyTask): Collected {
  const { definition } = task
  const needs = Object.entries(definition.needs()).map(([key, need]) => {
    const tasks = asList(need)
    checkTasks(task, `needs.${key}`, tasks)
    return { key, tasks, list: Array.isArray(need) }
  })
  const after = [...definition.after()]
  checkTasks(task, 'after', after)
  return { task, needs, after }
}

function checkTasks(task: AnyTask, where: string, others: readonly unknown[]): void {
  for (const other of others) if (!isTask(other)) throw notATask(task, where, other)
}

function asList(need: Need): readonly AnyTask[] {
  return isTask(need) || !Array.isArray(need) ? [need as AnyTask] : need
}

function notATask(task: AnyTask, where: string, other: unknown): LakituError {
  return new LakituError({
    code: 'E_UNKNOWN_NEED',
    headline: `${where} of task ${task.name} is ${kindOf(other)}, not a task`,
    facts: { declared: task.definition.site },
    next: 'Name a task there. If two modules import each other, write needs as a function: needs: () => ({ … }).',
    family: 'usage',
  })
}

function kindOf(thing: unknown): string {
  if (thing === undefined || thing === null) return String(thing)
  return `${typeof thing === 'object' ? 'an' : 'a'} ${typeof thing}`
}

function checkNames(all: readonly Collected[]): void {
  const taken = new Map<string, AnyTask>()
  for (const { task } of all) {
    for (const name of [task.name, ...task.definition.aliases]) {
      if (!isTaskName(name)) throw badName(task, name, 'has characters that a task name cannot have')
      if (builtInCommands.includes(name)) throw badName(task, name, 'is the name of a command of lakitu')
      const other = taken.get(name)
      if (other && other !== task) throw doubleName(name, other, task)
      taken.set(name, task)
    }
  }
}

function badName(task: AnyTask, name: string, why: string): LakituError {
  return new LakituError({
    code: 'E_TASK_NAME',
    headline: `The task name ${JSON.stringify(name)} ${why}`,
    facts: { declared: task.definition.site },
    next: isTaskName(name)
      ? 'Give the task another name.'
      : 'Use letters, digits and ._/:@+- and begin with a letter, a digit or _.',
    family: 'usage',
  })
}

function doubleName(name: string, first: AnyTask, second: AnyTask): LakituError {
  return new LakituError({
    code: 'E_DOUBLE_NAME',
    headline: `Two tasks have the name ${name}`,
    facts: { first: first.definition.site, second: second.definition.site },
    next: 'Give one of them another name.',
    family: 'usage',
  })
}
