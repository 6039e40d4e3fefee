import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseFolders } from '../fingerprint/globs.ts'
import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { patternsOf } from '../model/input.ts'
import type { Watch, Watcher } from '../ports/watcher.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { isEditors } from '../util/patterns.ts'
import type { Edits } from './anew.ts'
import { Follower, isPassedOver } from './follow.ts'
import { Memory } from './memory.ts'
import type { Project } from './project.ts'
import type { RunResult } from './run.ts'
import { Services } from './services.ts'

/** What a watch keeps up to date: the project as its config says it now. */
export interface Watched {
  readonly project: Project
  readonly targets: readonly Node[]
  /** File URLs of the config's local modules. */
  readonly modules: readonly string[]
  /** What these looked at while they loaded: where, and whether they would see anything else now. */
  readonly observed: { places(): readonly TreePath[]; changed(): boolean }
}

export interface WatchSetting {
  readonly first: Watched
  readonly watcher: Watcher
  /** Loads a changed config anew; undefined where it does not load, which it has then told. */
  reload(): Promise<Watched | undefined>
  /** One run; what the memory is told in one counts in the next. */
  run(watched: Watched, extra: Extra): Promise<RunResult>
  readonly signal: AbortSignal
}

interface Extra {
  readonly memory: Memory
  readonly edits: Edits
  readonly services: Services
}

const quietFor = 250

/**
 * Runs, waits for a change, runs again, until it is stopped. Events only wake a check; what changed, the facts decide. The
 * watching goes on during a run, so that an edit made meanwhile is looked at right after it.
 */
export async function watch(setting: WatchSetting): Promise<void> {
  const memory = new Memory()
  const services = new Services()
  const alarm = new Alarm()
  let watched = setting.first
  let ears: Ears | undefined
  try {
    while (!setting.signal.aborted) {
      const fresh = await listen(setting.watcher, watched, alarm)
      // Not before the new ones hear: an edit of the config while it is loaded would be lost.
      await ears?.close()
      ears = fresh
      await keepUpToDate(setting, watched, { memory, services, alarm, follower: ears.follower })
      if (!setting.signal.aborted) watched = await reloaded(setting, watched, alarm)
    }
  } finally {
    await services.stop()
    await ears?.close()
  }
}

/** All that listens for edits, of one generation of the config. */
interface Ears extends Watch {
  readonly follower: Follower
}

async function listen(watcher: Watcher, watched: Watched, alarm: Alarm): Promise<Ears> {
  const { project, targets } = watched
  const watching = await startWatching(watcher, watched, alarm)
  const follower = new Follower(watcher, project, targets, (path) => alarm.ring(path, project.ports.clock.ticks()))
  const close = async () => {
    await watching.close()
    await follower.close()
  }
  return { follower, close }
}

interface Kept {
  readonly memory: Memory
  readonly services: Services
  readonly alarm: Alarm
  readonly follower: Follower
}

/** Runs after each change, until one of the config. */
async function keepUpToDate(setting: WatchSetting, watched: Watched, kept: Kept): Promise<void> {
  const { memory, services, alarm, follower } = kept
  const { signal } = setting
  const { emit, ports } = watched.project
  for (;;) {
    const result = await setting.run(watched, { memory, services, edits: editsOf(watched, alarm, signal) })
    if (signal.aborted) return
    await follower.follow(result)
    tellIdle(watched, result, follower.folders.size)
    const paths = await changes(watched, alarm, signal)
    if (signal.aborted) return
    memory.woken(paths)
    emit({ type: 'watch-woken', at: ports.clock.now(), paths })
    if (paths.some((path) => isModule(watched, path)) || watched.observed.changed()) return
  }
}

/** Keeps asking for a config that loads; until then the old one is watched and nothing runs. */
async function reloaded(setting: WatchSetting, old: Watched, alarm: Alarm): Promise<Watched> {
  for (;;) {
    const next = await setting.reload()
    if (next || setting.signal.aborted) return next ?? old
    await changes(old, alarm, setting.signal)
  }
}

/** Collects the paths that changed. */
class Alarm {
  private readonly paths = new Set<TreePath>()
  private readonly sleepers = new Set<() => void>()
  last = 0

  ring(path: TreePath, at: number): void {
    this.paths.add(path)
    this.last = at
    for (const wake of this.sleepers) wake()
  }

  /** Resolves when it holds a path. */
  async rung(signal: AbortSignal): Promise<void> {
    if (this.paths.size === 0) await this.next(signal)
  }

  /** Resolves when it rings again. */
  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.sleepers.add(wake)
    signal.addEventListener('abort', wake)
    await promise
    this.sleepers.delete(wake)
    signal.removeEventListener('abort', wake)
  }

  take(): readonly TreePath[] {
    const taken = [...this.paths].sort()
    this.paths.clear()
    return taken
  }
}

/** Waits for a change, then until things are quiet and git is not in the middle of something. */
async function changes(watched: Watched, alarm: Alarm, signal: AbortSignal): Promise<readonly TreePath[]> {
  await alarm.rung(signal)
  await rest(watched, alarm, signal)
  return alarm.take()
}

/** What comes during a run stays in the alarm for the run after it. */
function editsOf(watched: Watched, alarm: Alarm, signal: AbortSignal): Edits {
  const tell = async (listener: () => void, over: AbortSignal) => {
    for (;;) {
      await alarm.next(over)
      await rest(watched, alarm, over)
      if (over.aborted) return
      listener()
    }
  }
  return {
    onRest: (listener) => {
      const over = new AbortController()
      void tell(listener, AbortSignal.any([signal, over.signal]))
      return () => over.abort()
    },
  }
}

async function rest({ project }: Watched, alarm: Alarm, signal: AbortSignal): Promise<void> {
  const { clock } = project.ports
  const gitLock = join(project.graph.root, '.git', 'index.lock')
  while (!signal.aborted) {
    const left = alarm.last + quietFor - clock.ticks()
    if (left <= 0 && !project.ports.disk.identity(gitLock)) break
    await clock.wait(Math.max(left, 20), signal)
  }
}

function tellIdle({ project, targets }: Watched, { outcome }: RunResult, followed: number): void {
  const { emit, ports, graph } = project
  const bases = new Set(closure(graph, targets, 'needs and after').flatMap((node) => foldersOf(graph.root, node)))
  emit({ type: 'watch-idle', at: ports.clock.now(), folders: bases.size + followed, healthy: outcome === 'done' })
}

function foldersOf(root: string, node: Node): readonly TreePath[] {
  return baseFolders(root, patternsIn(node))
}

function patternsIn(node: Node): readonly string[] {
  return node.inputs.flatMap(({ input }) => patternsOf(input))
}

function isModule({ project, modules }: Watched, path: TreePath): boolean {
  return modules.some((url) => fileURLToPath(url) === onDisk(project.graph.root, path))
}

async function startWatching(watcher: Watcher, watched: Watched, alarm: Alarm): ReturnType<Watcher['watch']> {
  const { project, targets, modules, observed } = watched
  const { graph, ports } = project
  const nodes = closure(graph, targets, 'needs and after')
  const bases = nodes.flatMap((node) => foldersOf(graph.root, node))
  const namesEditors = nodes.flatMap(patternsIn).some(isEditors)
  const places = [...bases, ...observed.places()].map((path) => onDisk(graph.root, path))
  const asked = new Set([...places, ...modules.map((url) => fileURLToPath(url))])
  const ignored = (absolute: string) => {
    if (asked.has(absolute)) return false
    return isPassedOver(project, treePath(graph.root, absolute)) || (isEditors(absolute) && !namesEditors)
  }
  return watcher.watch([...asked], ignored, (absolute) => {
    const path = treePath(graph.root, absolute)
    if (graph.makerOf(path) === undefined) alarm.ring(path, ports.clock.ticks())
  })
}
