import type { Machine } from './machine.ts'
import { closureOf, needsOf, type Picture, pictureOf } from './oracle.ts'
import { run as program, textOf } from './program.ts'
import { outputsOf, type ProjectSpec, root, type TaskSpec } from './spec.ts'
import { modulePath, taskValue, wordsFor } from './tasks.ts'

interface Known {
  /** All that may matter to the task, in one text. */
  readonly facts: string
  readonly outputs: string
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
  private known = new Map<string, Known>()

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
    const values = new Map(effectValues)
    const wanted = closureOf(spec)
    let found: string | undefined
    for (const task of spec.tasks.filter(({ name }) => wanted.has(name))) {
      const facts = factsOf(task, { machine, spec, values })
      const was = this.known.get(task.name)
      const had = outputsIn(outputsBefore, task)
      if (started.includes(task.name) && was?.facts === facts && was.outputs === had) {
        found ??= `${task.name} ran, and nothing is different from its last success`
      }
      const outputs = outputsOf(task).flatMap((path) => [...pictureOf(machine.disk, `${root}/${path}`)])
      this.known.set(task.name, { facts, outputs: JSON.stringify(outputs) })
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
}

function factsOf(task: TaskSpec, { machine, spec, values }: Looking): string {
  const { disk } = machine
  const seen: string[] = []
  const look = (path: string) => {
    const absolute = path.startsWith('/') ? path : `${root}/${path}`
    const real = disk.realPath(absolute) ?? ''
    const there = JSON.stringify([...pictureOf(disk, absolute), ...pictureOf(disk, real)])
    seen.push(path, there, real)
  }
  const ask = (path: string) => {
    look(path)
    return textOf(disk, `${root}/${path}`)
  }
  const words = wordsFor(task, { ask, valueFor: (name) => values.get(name) })
  values.set(task.name, taskValue(task, words))
  for (const _step of program({ disk, cwd: root, argv: words, salt: '', version: '', onRead: look })) void _step
  const needs = needsOf(task, spec.tasks).map((name) => {
    const need = spec.tasks.find((other) => other.name === name)
    const made = need ? outputsOf(need).map((path) => [...pictureOf(disk, `${root}/${path}`)]) : []
    return [name, made, values.get(name) ?? null]
  })
  const effects = task.needs.map((name) => values.get(name) ?? null)
  const version = textOf(disk, '/bin/sim')
  return JSON.stringify([task, textOf(disk, modulePath(task.name)), version, words, seen, needs, effects])
}
