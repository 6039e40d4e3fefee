import { depfile, files, input, output, secret, task, value } from '../../src/index.ts'
import type { Context } from '../../src/model/context.ts'
import type { Input } from '../../src/model/input.ts'
import { Secret } from '../../src/model/secret.ts'
import type { AnyTask, Word } from '../../src/model/task.ts'
import { destroyTask, effectTask } from './effects.ts'
import { wordsOf } from './program.ts'
import {
  globFolder,
  type Op,
  outputsOf,
  type ProjectSpec,
  publishes,
  secretFile,
  secretVariable,
  store,
  type TaskSpec,
} from './spec.ts'
import type { World } from './world.ts'

/** Where the module is that holds a function: its content is a fact. */
export function modulePath(name: string): string {
  return `/p/tasks/${name}.ts`
}

interface Declared {
  readonly spec: ProjectSpec
  readonly tasks: readonly AnyTask[]
}

const declaredLast = new WeakMap<World, Declared>()

/** The tasks as a config would declare them; once, since each looks who calls. */
export function tasksOf(spec: ProjectSpec, world: World): readonly AnyTask[] {
  const last = declaredLast.get(world)
  const known = last?.spec === spec ? last : { spec, tasks: declare(spec, world) }
  declaredLast.set(world, known)
  return known.tasks
}

function declare({ tasks, effects = [] }: ProjectSpec, world: World): readonly AnyTask[] {
  const made = new Map<string, AnyTask>()
  for (const spec of tasks) {
    const declared = spec.kind === 'command' ? commandTask(spec, made) : functionTask(spec, made)
    made.set(spec.name, inItsModule(declared))
  }
  for (const spec of effects) made.set(spec.name, inItsModule(effectTask(spec, made, world)))
  if (effects.length > 0) made.set('destroy', destroyTask(effects, made))
  return [...made.values()]
}

/** All of them are made in one place here; in a real project each has its own. */
function inItsModule(declared: AnyTask): AnyTask {
  const { name } = declared
  const definition = { ...declared.definition, modules: [`file://${modulePath(name)}`], site: name, stack: name }
  return Object.assign(declared, { definition })
}

/** Looked up after all is made: an effect may stand behind it. */
function needsOf({ needs }: TaskSpec, made: ReadonlyMap<string, AnyTask>): Readonly<Record<string, AnyTask>> {
  return Object.fromEntries(needs.flatMap((name) => (made.has(name) ? [[name, made.get(name) as AnyTask]] : [])))
}

function commandTask(spec: TaskSpec, made: ReadonlyMap<string, AnyTask>): AnyTask {
  const globs = spec.ops.some(({ op }) => op === 'list')
  return task(spec.name, {
    needs: () => needsOf(spec, made),
    command: ['sim', ...spec.ops.flatMap(markedWords)],
    env: { SALT: spec.salt },
    cwd: spec.cwd,
    // Whether what it published is still there, nobody looks.
    cache: !publishes(spec),
    inputs: {
      ...(publishes(spec) ? { store: value(store) } : {}),
      ...(globs ? { glob: files(`${globFolder}/**/*.g`) } : {}),
      ...secretOf(spec),
    },
  })
}

function secretOf({ secret: from }: TaskSpec): Readonly<Record<string, Input>> {
  if (from === 'none') return {}
  return { hushed: secret(from === 'file' ? { file: secretFile } : { env: secretVariable }) }
}

function markedWords(op: Op): readonly Word[] {
  const [name = '', path = ''] = wordsOf(op)
  switch (op.op) {
    case 'read':
      return [name, input(path)]
    case 'include':
      return [name, input(path), depfile(op.depfile)]
    case 'write':
    case 'fill':
    case 'link':
      return [name, output(path)]
    default:
      return wordsOf(op)
  }
}

function functionTask(spec: TaskSpec, made: ReadonlyMap<string, AnyTask>): AnyTask {
  // What the function starts, nobody but its author can know.
  const inputs: Record<string, Input> = { sim: files('/bin/sim'), ...secretOf(spec) }
  for (const op of spec.ops) {
    if (op.op === 'read') inputs[`read ${op.path}`] = files(op.path)
    if (op.op === 'list') inputs['glob'] = files(`${globFolder}/**/*.g`)
  }
  return task<unknown, Readonly<Record<string, AnyTask>>, Readonly<Record<string, Input>>>(spec.name, {
    needs: () => needsOf(spec, made),
    inputs,
    outputs: outputsOf(spec),
    cache: !publishes(spec),
    run: (context) => runFunction(spec, context),
  })
}

type FunctionContext = Context<Readonly<Record<string, AnyTask>>, Readonly<Record<string, Input>>>

async function runFunction(spec: TaskSpec, context: FunctionContext): Promise<unknown> {
  const { exec, read, needs, inputs } = context
  if (inputs['hushed'] instanceof Secret) context.log(`with ${context.secret(inputs['hushed'])}`)
  const words = wordsFor(spec, { ask: (path) => read(path), valueFor: (name) => needs[name] })
  await exec('sim', words)
  return taskValue(spec, words)
}

export interface Asking {
  ask(path: string): string | undefined
  valueFor(name: string): unknown
}

/** The argv of a function's program: what it asked for itself stands in it as text. */
export function wordsFor({ ops, code, kind, salt, cwd }: TaskSpec, { ask, valueFor }: Asking): readonly string[] {
  const words = kind === 'function' ? ['say', code] : ['say', salt]
  for (const op of ops) {
    if (op.op === 'ask') words.push('say', ask(op.path) ?? 'absent')
    else if (op.op === 'value') words.push('say', JSON.stringify(valueFor(op.of) ?? null))
    else words.push(...wordsOf(op, cwd))
  }
  return words
}

/** A part of what it asked for, so that another answer often comes to the same value. */
export function taskValue({ hasValue }: TaskSpec, words: readonly string[]): unknown {
  if (!hasValue) return undefined
  return { seen: words.flatMap((word, i) => (words[i - 1] === 'say' ? [word.slice(0, 2)] : [])) }
}
