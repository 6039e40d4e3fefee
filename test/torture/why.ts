import type { Reason } from '../../src/model/reason.ts'
import { treePath } from '../../src/util/paths.ts'
import type { Machine } from './machine.ts'
import { besideOf, faceAt, type Known } from './minimality.ts'
import { pictureOf } from './oracle.ts'
import { matches } from './program.ts'
import {
  globFolder,
  outputsOf,
  type ProjectSpec,
  root,
  secretFile,
  secretVariable,
  store,
  type TaskSpec,
} from './spec.ts'
import { modulePath } from './tasks.ts'

/** What is known of the last successes, and what `why` says of each task now. */
export interface Told {
  readonly machine: Machine
  readonly spec: ProjectSpec
  readonly known: ReadonlyMap<string, Known>
  readonly reasons: ReadonlyMap<string, readonly Reason[]>
}

/**
 * Each edit that was made in peace since a task's last success is named among its reasons, if the task depends on the edited thing itself. What
 * other tasks make is left out: whether it is another one will be seen when they have run. Answers what is not named.
 */
export function notNamed({ machine, spec, known, reasons }: Told): string | undefined {
  for (const task of spec.tasks) {
    const [was, told] = [known.get(task.name), reasons.get(task.name)]
    // Where the state of the world keeps it from being known, that is what is told.
    if (!was || !told || told.some(({ kind }) => kind === 'world')) continue
    for (const [what, isNamedBy] of editsOf(task, was, machine)) {
      if (!told.some(isNamedBy))
        return `why does not say of ${task.name} that ${what} is another one: ${JSON.stringify(told)}`
    }
  }
  return undefined
}

type NamedBy = (reason: Reason) => boolean

function* editsOf(task: TaskSpec, was: Known, machine: Machine): Generator<readonly [string, NamedBy]> {
  const { kind } = task
  const now = besideOf(task, machine)
  if (now.secret !== was.beside.secret) {
    const source = task.secret === 'file' ? `file ${secretFile}` : `variable ${secretVariable}`
    yield ['its secret', inFacts(source)]
  }
  if (now.program !== was.beside.program) yield ['its program', inFacts(kind === 'command' ? 'program' : '/bin/sim')]
  if (kind === 'function' && now.code !== was.beside.code)
    yield ['its code', inFacts(treePath(root, modulePath(task.name)))]
  if (kind === 'command' && task.salt !== was.task.salt) yield ['SALT', inFacts('SALT')]
  if (kind === 'command' && task.cwd !== was.task.cwd) yield ['its folder', inFacts('cwd')]
  if (JSON.stringify(task.ops) !== JSON.stringify(was.task.ops)) {
    if (kind === 'command') yield ['its argv', inFacts('argv')]
    return
  }
  for (const path of editedPaths(task, was, machine)) yield [path, inFacts(treePath(root, path))]
  const own = outputsOf(task)
  for (const [path, face] of was.outputs) {
    const isOwn = own.some((output) => path === `${root}/${output}` || path.startsWith(`${root}/${output}/`))
    if (isOwn && pictureOf(machine.disk, path).get(path) !== face) yield [path, outputIs(treePath(root, path))]
  }
}

function editedPaths(task: TaskSpec, { seen }: Known, machine: Machine): readonly string[] {
  const isSource = (path: string) => !path.startsWith(`${root}/out/`) && !path.startsWith(`${store}/`)
  const edited = [...seen].filter(([path, face]) => isSource(path) && faceAt(machine, path) !== face)
  const globs = task.ops.some(({ op }) => op === 'list') ? matches(machine.disk, `${root}/${globFolder}`) : []
  const added = globs.map((name) => `${root}/${globFolder}/${name}`).filter((path) => !seen.has(path))
  return [...edited.map(([path]) => path), ...added]
}

function inFacts(word: string): NamedBy {
  return (reason) => reason.kind === 'fact' && reason.path.includes(word)
}

function outputIs(path: string): NamedBy {
  return (reason) => reason.kind === 'output' && reason.path === path
}
