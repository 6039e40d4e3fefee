import type { Machine } from './machine.ts'
import { closureOf, needsOf, type Picture, pictureOf } from './oracle.ts'
import { run as program, textOf } from './program.ts'
import {
  cwdOf,
  outputsOf,
  type ProjectSpec,
  publishes,
  root,
  secretFile,
  secretVariable,
  type TaskSpec,
} from './spec.ts'
import { modulePath, taskValue, wordsFor } from './tasks.ts'

export interface Known {
  readonly task: TaskSpec
  /** All that may matter to the task, in one text. */
  readonly facts: string
  /** Each path that it looks at, by what is there; absolute. */
  readonly seen: ReadonlyMap<string, string>
  /** Its own secret, its program, its code. */
  readonly beside: Beside
  readonly outputs: readonly (readonly [path: string, face: string])[]
}

export interface Judged {
  readonly machine: Machine
  readonly spec: ProjectSpec
  readonly started: readonly string[]
  readonly outputsBefore: Picture
  readonly effectValues: ReadonlyMap<string, unknown>
}

/**
 * Knows by an obvious way what must not run: a task whose last success was seen in peace, and for which nothing that it may look
 * at, and none of its outputs, is another one than then.
 */
export class Minimality {
  readonly known = new Map<string, Known>()

  forget(): void {
    this.known.clear()
  }

  /** What ran while things went wrong may have a record of anything; `undefined`: nobody knows what ran. */
  ranInTrouble(started: readonly string[] | undefined): void {
    if (!started) this.forget()
    for (const name of started ?? []) this.known.delete(name)
  }

  /** After a good run in peace: what ran without a cause, for people; undefined where all had one. */
  judge({ machine, spec, started, outputsBefore, effectValues }: Judged): string | undefined {
    const looking = { machine, spec, values: new Map(effectValues), facts: new Map<string, string>() }
    const wanted = closureOf(spec)
    let found: string | undefined
    for (const task of spec.tasks.filter(({ name }) => wanted.has(name))) {
      const { facts, seen, beside } = lookFor(task, looking)
      looking.facts.set(task.name, facts)
      const was = this.known.get(task.name)
      const had = outputsIn(outputsBefore, task)
      if (started.includes(task.name) && was?.facts === facts && JSON.stringify(was.outputs) === had) {
        found ??= `${task.name} ran, and nothing is different from its last success`
      }
      const outputs = outputsOf(task).flatMap((path) => [...pictureOf(machine.disk, `${root}/${path}`)])
      this.known.set(task.name, { task, facts, seen, beside, outputs })
    }
    return found
  }
}

function outputsIn(picture: Picture, task: TaskSpec): string {
  const paths = outputsOf(task).map((path) => `${root}/${path}`)
  const inside = paths.flatMap((own) => [...picture].filter(([path]) => path === own || path.startsWith(`${own}/`)))
  return JSON.stringify(inside)
}

interface Looking {
  readonly machine: Machine
  readonly spec: ProjectSpec
  readonly values: Map<string, unknown>
  /** Of the tasks before. */
  readonly facts: ReadonlyMap<string, string>
}

export interface Beside {
  readonly secret: string
  readonly program: string
  readonly code: string
}

/** What counts for a task beside the files that it reads. */
export function besideOf({ name, secret }: TaskSpec, { disk, variables }: Machine): Beside {
  const hidden = { none: '', variable: variables[secretVariable], file: textOf(disk, `${root}/${secretFile}`) }[secret]
  return {
    secret: hidden ?? '',
    program: textOf(disk, '/bin/sim') ?? '',
    code: textOf(disk, modulePath(name)) ?? '',
  }
}

/** What is at an absolute path, and behind it where it is a link. */
export function faceAt({ disk }: Machine, path: string): string {
  const real = disk.realPath(path)
  const behind = real === undefined || real === path ? [] : pictureOf(disk, real)
  return JSON.stringify([...pictureOf(disk, path), ...behind, real])
}

function lookFor(task: TaskSpec, looking: Looking): Pick<Known, 'facts' | 'seen' | 'beside'> {
  const { machine, spec, values } = looking
  const { disk } = machine
  const seen = new Map<string, string>()
  const look = (path: string) => void seen.set(path, faceAt(machine, path))
  const ask = (path: string) => {
    look(`${root}/${path}`)
    return textOf(disk, `${root}/${path}`)
  }
  const words = wordsFor(task, { ask, valueFor: (name) => values.get(name) })
  values.set(task.name, taskValue(task, words))
  const setting = { disk, cwd: cwdOf(task), argv: words, salt: '', version: '', onRead: look }
  for (const _step of program(setting)) void _step
  const needs = needsOf(task, spec.tasks).map((name) => [name, madeBy(name, looking)])
  const effects = task.needs.map((name) => values.get(name) ?? null)
  const beside = besideOf(task, machine)
  return { facts: JSON.stringify([task, beside, words, [...seen], needs, effects]), seen, beside }
}

/** What others see of a task: of one that makes nothing to be seen, all that it depends on. */
function madeBy(name: string, { machine, spec, values, facts }: Looking): unknown {
  const need = spec.tasks.find((other) => other.name === name)
  if (!need) return undefined
  if (publishes(need)) return facts.get(name)
  return [outputsOf(need).map((path) => [...pictureOf(machine.disk, `${root}/${path}`)]), values.get(name) ?? null]
}
