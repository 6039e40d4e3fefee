import { type Running, run, textOf } from './program.ts'
import { type Inode, SimDisk } from './sim-disk.ts'
import { cwdOf, outputsOf, type ProjectSpec, root, type TaskSpec } from './spec.ts'
import { taskValue, wordsFor } from './tasks.ts'

/** Path → what is there, of all that lies below. */
export type Picture = ReadonlyMap<string, string>

export function pictureOf(disk: SimDisk, path: string, picture = new Map<string, string>()): Picture {
  const inode = disk.findOrNothing(path)
  if (inode) {
    picture.set(path, faceOf(inode))
    for (const name of inode.entries.keys()) pictureOf(disk, `${path}/${name}`, picture)
  }
  return picture
}

function faceOf({ kind, mode, content, text }: Inode): string {
  if (kind === 'link') return `link ${text}`
  return kind === 'folder' ? 'folder' : `file ${mode.toString(8)} ${content.toString()}`
}

/** A copy of the tree without what tasks make and what lakitu knows. */
export function sourcesOnly(disk: SimDisk, spec: ProjectSpec): SimDisk {
  const copy = new SimDisk({ now: () => 0 })
  copyBelow(disk, copy, '/')
  for (const path of ['.cache', '.lakitu', ...spec.tasks.flatMap(outputsOf)]) copy.remove(`${root}/${path}`)
  return copy
}

function copyBelow(from: SimDisk, to: SimDisk, path: string): void {
  for (const [name, inode] of from.find(path)?.entries ?? []) {
    const place = path === '/' ? `/${name}` : `${path}/${name}`
    if (inode.kind === 'folder') {
      to.makeFolder(place)
      copyBelow(from, to, place)
    } else if (inode.kind === 'link') to.makeLink(place, inode.text)
    else {
      to.setContent(to.create(place, true), inode.content)
      to.setMode(place, inode.mode)
    }
  }
}

export interface Expected {
  /** What every output of the target and its needs must be, and what these published. */
  readonly outputs: Picture
  /** The tree after it. */
  readonly disk: SimDisk
  /** Whether all of these tasks end well. */
  readonly isGood: boolean
}

/** A build from nothing, by the obvious way: every task once, needs first; effects answer what they answer now. */
export function buildFromNothing(
  disk: SimDisk,
  spec: ProjectSpec,
  effectValues: ReadonlyMap<string, unknown>,
): Expected {
  const copy = sourcesOnly(disk, spec)
  const values = new Map(effectValues)
  const wanted = closureOf(spec)
  const outputs = new Map<string, string>()
  for (const task of spec.tasks.filter(({ name }) => wanted.has(name))) {
    const words = wordsFor(task, {
      ask: (path) => textOf(copy, `${root}/${path}`),
      valueFor: (name) => values.get(name),
    })
    const argv = task.kind === 'command' ? words.slice(2) : words
    const salt = task.kind === 'command' ? task.salt : ''
    const version = textOf(copy, '/bin/sim') ?? ''
    if (toEnd(run({ disk: copy, cwd: cwdOf(task), argv, salt, version })) !== 0)
      return { outputs, disk: copy, isGood: false }
    values.set(task.name, taskValue(task, words))
    for (const path of outputsOf(task)) pictureOf(copy, `${root}/${path}`, outputs)
    for (const op of task.ops) if (op.op === 'publish') pictureOf(copy, op.place, outputs)
  }
  return { outputs, disk: copy, isGood: true }
}

function toEnd(running: Running): number {
  for (;;) {
    const { done, value } = running.next()
    if (done) return value
  }
}

/** The target, what effects use, and all that these need, by the paths that are read and by name. */
export function closureOf({ tasks, target, effects = [] }: ProjectSpec): ReadonlySet<string> {
  const wanted = new Set([target, ...effects.flatMap(({ uses }) => uses)])
  for (const task of [...tasks].reverse()) {
    if (!wanted.has(task.name)) continue
    for (const need of needsOf(task, tasks)) wanted.add(need)
  }
  return wanted
}

export function needsOf(task: TaskSpec, tasks: readonly TaskSpec[]): readonly string[] {
  const read = task.ops.flatMap((op) => (op.op === 'read' || op.op === 'include' ? [op.path] : []))
  const makers = tasks.filter((other) => outputsOf(other).some((path) => read.some((r) => isIn(r, path))))
  const named = task.needs.filter((name) => tasks.some((other) => other.name === name))
  return [...named, ...makers.map(({ name }) => name)]
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
