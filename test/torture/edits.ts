import type { Random } from '../support/random.ts'
import type { Machine } from './machine.ts'
import { writeFile } from './program.ts'
import { basename, type Inode } from './sim-disk.ts'
import {
  globbed,
  globFolder,
  headers,
  type Op,
  outputsOf,
  type ProjectSpec,
  root,
  secretFile,
  secretTexts,
  secretVariable,
  sources,
  store,
  type TaskSpec,
  workFolders,
} from './spec.ts'
import { modulePath } from './tasks.ts'
import { worldProgram } from './world.ts'
import { changeWorld, type EffectScene, isWorldEdit, type WorldEdit } from './world-edits.ts'

/** What somebody does to the project, as data: a failing case can be printed and shortened. */
export type Edit =
  | { readonly edit: 'write'; readonly path: string; readonly text: string; readonly keepTime: boolean }
  /** As it was before it was last written. */
  | { readonly edit: 'put back'; readonly path: string; readonly keepTime: boolean }
  | { readonly edit: 'mode'; readonly path: string; readonly mode: number }
  | { readonly edit: 'remove'; readonly path: string }
  | { readonly edit: 'rename'; readonly from: string; readonly to: string }
  | { readonly edit: 'link'; readonly path: string; readonly to: string }
  | { readonly edit: 'tool'; readonly text: string }
  | { readonly edit: 'task'; readonly task: string; readonly change: Partial<TaskSpec> }
  | { readonly edit: 'drop task'; readonly task: string }
  | { readonly edit: 'rename output'; readonly task: string; readonly from: string; readonly to: string }
  | { readonly edit: 'drop cache' }
  | { readonly edit: 'keep cache' }
  | { readonly edit: 'transplant cache' }
  /** A byte of the n-th file below `.cache` that has the word in its path. */
  | { readonly edit: 'damage cache'; readonly among: string; readonly file: number; readonly at: number }
  | { readonly edit: 'remove from cache'; readonly file: number }
  | { readonly edit: 'variable'; readonly text: string }
  | { readonly edit: 'wait'; readonly ms: number }
  | WorldEdit

/** What edits change beside the disk. */
export interface Scene extends EffectScene {
  keptCache: Inode | undefined
  /**
   * What appeared since the run began stays until its end: of a file that comes and goes meanwhile there is nothing that could be compared, but
   * for the times of its folder, which all that is made there touches.
   */
  readonly appeared: Set<string>
  /** What files held before they were last written or removed; no text: nothing was there. */
  readonly earlier: Map<string, { readonly text: string | undefined; readonly mtime: number }>
}

const texts = ['v1', 'v2', 'v3', 'v4'] as const

/** An edit of the sources: the only kind that is made while something runs. */
export function sourceEdit(random: Random, spec: ProjectSpec): Edit {
  const path = random.chance(0.7) ? random.pick(readBy(spec)) : random.pick([...sources, ...headers, ...globbed])
  const choice = random.int(21)
  if (choice < 11) return { edit: 'write', path, text: textFor(path, random), keepTime: random.chance(0.3) }
  if (choice < 13) return { edit: 'mode', path, mode: random.pick([0o644, 0o755, 0o600]) }
  if (choice < 15) return { edit: 'remove', path }
  if (choice < 17) return { edit: 'rename', from: path, to: random.pick([...sources, ...globbed, 'glob/sub/5.g']) }
  if (choice < 18) return { edit: 'link', path, to: random.pick(['/p/inc/h1', '/p/src/b', 'nowhere']) }
  if (choice < 19) return { edit: 'write', path: 'glob/sub/new.g', text: random.pick(texts), keepTime: false }
  if (choice < 20)
    return { edit: 'write', path: secretFile, text: random.pick(secretTexts), keepTime: random.chance(0.3) }
  return { edit: 'wait', ms: random.pick([1, 25, 3000]) }
}

/** People edit what is built from. */
export function readBy({ tasks }: ProjectSpec): readonly string[] {
  const paths = tasks.flatMap(({ ops }) =>
    ops.flatMap((op): readonly string[] => {
      if (op.op === 'list') return [...globbed, 'glob/sub/new.g']
      if (op.op === 'include') return [op.path, ...headers]
      return (op.op === 'read' || op.op === 'ask') && !op.path.startsWith('out/') ? [op.path] : []
    }),
  )
  return paths.length > 0 ? paths : sources
}

function textFor(path: string, random: Random): string {
  if (random.chance(0.04)) return 'FAIL'
  const named =
    path.startsWith('src/') && random.chance(0.5) ? ` #${random.pick(headers)} #${random.pick(headers)}` : ''
  return `${random.pick(texts)}${named}`
}

export function anyEdit(random: Random, spec: ProjectSpec): Edit {
  const choice = random.int(44)
  if (choice < 26) return sourceEdit(random, spec)
  const task = random.pick(spec.tasks)
  const [output] = outputsOf(task)
  if (choice < 28)
    return { edit: 'task', task: task.name, change: { salt: random.pick(texts), code: random.pick(texts) } }
  if (choice < 30) return { edit: 'task', task: task.name, change: otherWords(task) }
  if (choice < 31) return { edit: 'tool', text: random.pick(texts) }
  if (choice < 32 && task.name !== spec.target) return { edit: 'drop task', task: task.name }
  if (choice < 33 && output) return { edit: 'rename output', task: task.name, from: output, to: `${output}r` }
  if (choice < 35 && output) return { edit: 'remove', path: output }
  if (choice < 37 && output) return { edit: 'write', path: output, text: 'by hand', keepTime: random.chance(0.3) }
  if (choice < 38) return { edit: 'variable', text: random.pick(secretTexts) }
  if (choice < 39) return { edit: 'drop cache' }
  if (choice < 40) return { edit: 'keep cache' }
  if (choice < 41) return { edit: 'transplant cache' }
  if (choice < 43) {
    const among = random.pick(['', '/blobs/', '/traces/', '/journal'])
    return { edit: 'damage cache', among, file: random.int(50), at: random.int(3000) }
  }
  return { edit: 'remove from cache', file: random.int(50) }
}

/** A command that does the same in another order, or in another folder. */
function otherWords({ kind, ops, cwd }: TaskSpec): Partial<TaskSpec> {
  if (kind === 'function') return {}
  const reads = (op: Op | undefined) => op && ['read', 'list', 'include', 'fetch'].includes(op.op)
  const [first, second, ...others] = ops
  if (first && second && reads(second)) return { ops: [second, first, ...others] }
  return cwd === '.' ? {} : { cwd: workFolders.find((folder) => folder !== cwd) ?? cwd }
}

export function make(edit: Edit, machine: Machine, scene: Scene): void {
  const { disk } = machine
  machine.pass(0.3)
  change(edit, machine, scene)
  // Editors see to it that what a person wrote survives a power cut.
  if ('path' in edit || 'from' in edit)
    for (const folder of ['src', 'inc', 'glob', 'secret']) disk.syncAll(disk.find(`${root}/${folder}`))
}

function change(edit: Edit, machine: Machine, scene: Scene): void {
  const { disk } = machine
  if (isWorldEdit(edit)) {
    changeWorld(edit, machine, scene)
    writeModules(machine, scene.spec)
    return
  }
  const place = 'path' in edit ? `${root}/${edit.path}` : ''
  switch (edit.edit) {
    case 'write': {
      const inode = disk.findOrNothing(place)
      // By hand only over a file: what else is there is another story.
      if (inode && inode.kind === 'folder') return
      const { mtime } = inode ?? {}
      if (edit.text === scene.earlier.get(edit.path)?.text) machine.passTick()
      remember(scene, edit.path, inode)
      if (inode?.kind === 'link') disk.remove(place)
      writeFile(disk, place, edit.text, inode?.kind === 'file' ? inode.mode : 0o644)
      if (edit.keepTime && mtime !== undefined) disk.setMtime(place, mtime)
      return
    }
    case 'put back': {
      const earlier = scene.earlier.get(edit.path)
      if (!earlier || disk.findOrNothing(place)?.kind === 'link') return
      if (earlier.text === undefined && scene.appeared.has(edit.path)) return
      if (earlier.text !== undefined && !disk.findOrNothing(place)) scene.appeared.add(edit.path)
      machine.passTick()
      if (earlier.text === undefined) disk.remove(place)
      else writeFile(disk, place, earlier.text, disk.find(place)?.mode ?? 0o644)
      if (earlier.text !== undefined && edit.keepTime) disk.setMtime(place, earlier.mtime)
      return
    }
    case 'mode':
      machine.passTick()
      if (disk.findOrNothing(place)?.kind === 'file') disk.setMode(place, edit.mode)
      return
    case 'remove':
      if (scene.appeared.has(edit.path)) return
      remember(scene, edit.path, disk.findOrNothing(place))
      disk.remove(place)
      return
    case 'rename': {
      const [from, to] = [`${root}/${edit.from}`, `${root}/${edit.to}`]
      if (from === to || !disk.findOrNothing(from) || scene.appeared.has(edit.from)) return
      if (!disk.findOrNothing(to)) scene.appeared.add(edit.to)
      machine.passTick()
      disk.makeFolder(to.slice(0, to.lastIndexOf('/')))
      disk.rename(from, to)
      return
    }
    case 'link':
      remember(scene, edit.path, disk.findOrNothing(place))
      disk.makeFolder(place.slice(0, place.lastIndexOf('/')))
      disk.remove(place)
      disk.makeLink(place, edit.to)
      return
    case 'tool':
      writeFile(disk, '/bin/sim', edit.text, 0o755)
      return
    case 'variable':
      machine.variables = { [secretVariable]: edit.text }
      return
    case 'wait':
      machine.pass(edit.ms)
      return
    case 'task':
      changeTask(scene, edit.task, (task) => ({ ...task, ...edit.change }))
      writeModules(machine, scene.spec)
      return
    case 'drop task':
      dropTask(scene, edit.task)
      return
    case 'rename output':
      renameOutput(scene, edit)
      return
    default:
      changeCache(edit, machine, scene)
  }
}

function remember({ earlier, appeared }: Scene, path: string, inode: Inode | undefined): void {
  if (!inode) {
    earlier.set(path, { text: undefined, mtime: 0 })
    appeared.add(path)
  }
  if (inode?.kind === 'file') earlier.set(path, { text: inode.content.toString(), mtime: inode.mtime })
}

/** What is there before the first step. */
export function furnish(machine: Machine, spec: ProjectSpec): void {
  const { disk } = machine
  disk.makeFolder(root)
  disk.makeFolder(store)
  for (const program of ['/bin/sim', worldProgram]) writeFile(disk, program, 'v1', 0o755)
  for (const [path, text] of firstFiles) writeFile(disk, `${root}/${path}`, text, 0o644)
  writeModules(machine, spec)
  machine.variables = { [secretVariable]: secretTexts[0] }
}

export function writeModules({ disk }: Machine, { tasks, effects = [] }: ProjectSpec): void {
  for (const { name, code } of [...tasks, ...effects]) {
    const inode = disk.findOrNothing(modulePath(name))
    if (inode?.content.toString() !== code) writeFile(disk, modulePath(name), code, 0o644)
  }
}

function changeTask(scene: Scene, name: string, change: (task: TaskSpec) => TaskSpec): void {
  const tasks = scene.spec.tasks.map((task) => (task.name === name ? change(task) : task))
  scene.spec = { ...scene.spec, tasks }
}

/** With what others read of it: a file that nobody makes would be there or not by chance. */
function dropTask(scene: Scene, name: string): void {
  const gone = scene.spec.tasks.find((task) => task.name === name)
  if (!gone) return
  const paths = outputsOf(gone)
  const reads = (path: string) => paths.some((own) => path === own || path.startsWith(`${own}/`))
  const tasks = scene.spec.tasks
    .filter((task) => task !== gone)
    .map((task) => ({
      ...task,
      needs: task.needs.filter((need) => need !== name),
      ops: task.ops.filter((op) => {
        if (op.op === 'value' || op.op === 'fetch') return op.of !== name
        return !(('read' === op.op || op.op === 'ask') && reads(op.path))
      }),
    }))
  scene.spec = { ...scene.spec, tasks }
}

function renameOutput(scene: Scene, { task, from, to }: Extract<Edit, { edit: 'rename output' }>): void {
  const renamed = (path: string) =>
    path === from ? to : path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path
  if (!scene.spec.tasks.some(({ name }) => name === task)) return
  const tasks = scene.spec.tasks.map((spec) => ({
    ...spec,
    ops: spec.ops.map((op) => ('path' in op ? { ...op, path: renamed(op.path) } : op)),
  }))
  scene.spec = { ...scene.spec, tasks }
}

function changeCache(edit: Edit, { disk }: Machine, scene: Scene): void {
  const cache = `${root}/.cache`
  const there = disk.findOrNothing(cache)
  switch (edit.edit) {
    case 'drop cache':
      disk.remove(cache)
      return
    case 'keep cache':
      scene.keptCache = there && disk.cloned(there)
      return
    case 'transplant cache':
      if (!scene.keptCache) return
      disk.remove(cache)
      disk.put(cache, disk.cloned(scene.keptCache))
      return
    case 'damage cache': {
      const files = filesBelow(cache, disk).filter((path) => path.includes(edit.among))
      const file = files[edit.file % files.length]
      const inode = file === undefined ? undefined : disk.find(file)
      if (!inode || inode.content.length === 0) return
      const content = Buffer.from(inode.content)
      const at = edit.at % content.length
      content[at] = (content[at] ?? 0) ^ 0x11
      disk.setContent(inode, content)
      return
    }
    case 'remove from cache': {
      const files = filesBelow(cache, disk)
      const file = files[edit.file % files.length]
      if (file !== undefined) disk.remove(file)
    }
  }
}

function filesBelow(folder: string, disk: Machine['disk']): readonly string[] {
  return (disk.list(folder) ?? []).flatMap(({ name, kind }) => {
    const path = `${folder}/${name}`
    return kind === 'folder' ? filesBelow(path, disk) : basename(path) === 'stamp' ? [] : [path]
  })
}

const firstFiles: readonly (readonly [string, string])[] = [
  ...sources.map((path) => [path, 'v1'] as const),
  ...globbed.map((path) => [path, 'v1'] as const),
  ['inc/h1', 'v1'],
  [secretFile, secretTexts[0]],
  [`${globFolder}/sub/deep/x.txt`, 'v1'],
  ...workFolders.map((folder) => [`${folder}/readme`, 'v1'] as const),
]
