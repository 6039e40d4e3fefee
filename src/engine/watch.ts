import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseFolders } from '../fingerprint/globs.ts'
import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import type { Watcher } from '../ports/watcher.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import type { Edits } from './anew.ts'
import { Follower, isPassedOver } from './follow.ts'
import { Memory } from './memory.ts'
import type { Project } from './project.ts'
import type { RunResult } from './run.ts'

/** What a watch keeps up to date: the project as its config says it now. */
export interface Watched {
  readonly project: Project
  readonly targets: readonly Node[]
  /** File URLs of the config's local modules. */
  readonly modules: readonly string[]
}

export interface WatchSetting {
  readonly first: Watched
  readonly watcher: Watcher
  /** Loads a changed config anew; undefined where it does not load, which it has then told. */
  reload(): Promise<Watched | undefined>
  /** One run; what the memory is told in one counts in the next. */
  run(watched: Watched, extra: { readonly memory: Memory; readonly edits: Edits }): Promise<RunResult>
  readonly signal: AbortSignal
}

const quietFor = 250

/**
 * Runs, waits for a change, runs again, until it is stopped. Events only wake a check; what changed, the facts decide. The
 * watching goes on during a run, so that an edit made meanwhile is looked at right after it.
 */
export async function watch(setting: WatchSetting): Promise<void> {
  let watched = setting.first
  const memory = new Memory()
  while (!setting.signal.aborted) {
    const alarm = new Alarm()
    const watching = await startWatching(setting.watcher, watched, alarm)
    const { project, targets } = watched
    const follower = new Follower(setting.watcher, project, targets, (path) => {
      alarm.ring(path, project.ports.clock.ticks())
    })
    try {
      let reloads = false
      while (!reloads && !setting.signal.aborted) {
        const result = await setting.run(watched, { memory, edits: editsOf(watched, alarm, setting.signal) })
        if (setting.signal.aborted) return
        await follower.follow(result)
        tellIdle(watched, result, follower.folders.size)
        const paths = await changes(watched, alarm, setting.signal)
        if (setting.signal.aborted) return
        memory.woken(paths)
        const { emit, ports } = watched.project
        emit({ type: 'watch-woken', at: ports.clock.now(), paths })
        reloads = paths.some((path) => isModule(watched, path))
      }
      if (reloads) watched = await reloaded(setting, watched, alarm)
    } finally {
      await watching.close()
      await follower.close()
    }
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
  return node.inputs.flatMap(({ input }) => (input.kind === 'files' ? baseFolders(root, input.patterns) : []))
}

function isModule({ project, modules }: Watched, path: TreePath): boolean {
  return modules.some((url) => fileURLToPath(url) === onDisk(project.graph.root, path))
}

async function startWatching(watcher: Watcher, watched: Watched, alarm: Alarm): ReturnType<Watcher['watch']> {
  const { project, targets, modules } = watched
  const { graph, ports } = project
  const bases = closure(graph, targets, 'needs and after').flatMap((node) => foldersOf(graph.root, node))
  const asked = new Set([...bases.map((path) => onDisk(graph.root, path)), ...modules.map((url) => fileURLToPath(url))])
  const ignored = (absolute: string) => {
    return !asked.has(absolute) && isPassedOver(project, treePath(graph.root, absolute))
  }
  return watcher.watch([...asked], ignored, (absolute) => {
    const path = treePath(graph.root, absolute)
    if (graph.makerOf(path) === undefined) alarm.ring(path, ports.clock.ticks())
  })
}
