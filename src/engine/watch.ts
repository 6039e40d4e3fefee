import { fileURLToPath } from 'node:url'
import { baseFolders } from '../fingerprint/globs.ts'
import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import { patternsOf } from '../model/input.ts'
import type { Keyboard } from '../ports/keyboard.ts'
import type { Watch, Watcher } from '../ports/watcher.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { isEditors } from '../util/patterns.ts'
import { Alarm, editsOf, firstOf } from './alarm.ts'
import type { Edits } from './anew.ts'
import { Follower, isPassedOver } from './follow.ts'
import { Looks } from './looks.ts'
import { Memory } from './memory.ts'
import { Presence } from './presence.ts'
import type { Project } from './project.ts'
import type { RunResult } from './run.ts'
import { Services } from './services.ts'
import { Wishes } from './wishes.ts'
import type { WriterOptions } from './writer.ts'

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
  /** What the person presses; none: nobody can. */
  readonly keyboard?: Keyboard
  /** Stops what runs, as Ctrl-C does: `signal` is aborted. */
  readonly interrupt?: () => void
  /** Who looks at the world under the lock; without it nobody does. */
  readonly writer?: WriterOptions
  /** Aborted when what a look runs is to end at once. */
  readonly hurry?: AbortSignal
  /** How long nothing may happen, in ms, before effects that did a part are looked at. Default a minute. */
  readonly leisure?: number
}

interface Extra {
  readonly memory: Memory
  readonly edits: Edits
  readonly services: Services
  /** What is to be run even where it is fresh. */
  readonly forced: readonly Node[]
}

/** What outlives a config. */
interface Lasting {
  readonly memory: Memory
  readonly services: Services
  readonly alarm: Alarm
  readonly wishes: Wishes
  readonly looks: Looks
  readonly presence: Presence
}

/**
 * Runs, waits for a change or a key, runs again, until it is stopped. Events only wake a check; what changed, the facts decide. The
 * watching goes on during a run, so that an edit made meanwhile is looked at right after it.
 */
export async function watch(setting: WatchSetting): Promise<void> {
  let watched = setting.first
  const wishes = new Wishes({
    keyboard: setting.keyboard,
    tell: (text) => tell(watched, text),
    interrupt: () => setting.interrupt?.(),
  })
  wishes.attend()
  const memory = new Memory(wishes.hasKeys)
  wishes.answersTo(memory)
  const alarm = new Alarm()
  const looks = new Looks({ alarm, wishes, memory })
  const lasting: Lasting = { memory, wishes, services: new Services(), alarm, looks, presence: new Presence() }
  let ears: Ears | undefined
  try {
    while (!isOver(setting, lasting)) {
      const fresh = await listen(setting.watcher, watched, lasting.alarm)
      // Not before the new ones hear: an edit of the config while it is loaded would be lost.
      await ears?.close()
      ears = fresh
      await keepUpToDate(setting, watched, { ...lasting, follower: ears.follower })
      if (!isOver(setting, lasting)) watched = await reloaded(setting, watched, lasting)
    }
  } finally {
    // A second Ctrl-C, or q, hurries what is left to be stopped.
    wishes.running = true
    await lasting.services.stop()
    lasting.presence.leave()
    await ears?.close()
    wishes.close()
  }
}

function isOver({ signal }: WatchSetting, { wishes }: Lasting): boolean {
  return signal.aborted || wishes.isOver
}

function tell({ project }: Watched, text: string, task?: string): void {
  const whose = task === undefined ? {} : { task }
  project.emit({ type: 'notice', at: project.ports.clock.now(), level: 'info', text, ...whose })
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

interface Kept extends Lasting {
  readonly follower: Follower
}

/** Runs after each change, until one of the config. */
async function keepUpToDate(setting: WatchSetting, watched: Watched, kept: Kept): Promise<void> {
  const { memory, alarm, follower } = kept
  const { emit, ports } = watched.project
  while (!isOver(setting, kept)) {
    const result = await runOnce(setting, watched, kept)
    if (isOver(setting, kept)) return
    await follower.follow(result)
    if (setting.writer) kept.presence.show(watched.project, setting.writer)
    const again = result.again ?? false
    if (!again || kept.wishes.paused) tellIdle(watched, result, kept)
    await toDo(setting, watched, { ...kept, again })
    if (isOver(setting, kept)) return
    const paths = alarm.take()
    memory.woken(paths)
    if (paths.length > 0) emit({ type: 'watch-woken', at: ports.clock.now(), paths })
    if (paths.some((path) => isModule(watched, path)) || watched.observed.changed()) return
  }
}

async function runOnce(setting: WatchSetting, watched: Watched, kept: Kept): Promise<RunResult> {
  const { memory, services, alarm, wishes, looks } = kept
  const { project, targets } = watched
  const edits = editsOf(project, alarm, setting.signal)
  const full = wishes.takeRun() === 'full' ? [...targets, ...looks.takeSeen(project.graph)] : []
  const forced = [...looks.takeDrifted(project.graph), ...full]
  memory.begin()
  wishes.running = true
  try {
    const result = await setting.run(watched, { memory, services, edits, forced })
    for (const { name } of looks.ran(result)) tell(watched, 'healed: all of it ran', name)
    return result
  } finally {
    wishes.running = false
  }
}

/**
 * Resolves when there is something to run: edits that have come to rest, a key that asks for it, or what drifted. `again`: the last run says that
 * there is. Meanwhile the world is looked at, where somebody asked for that or nothing else happens for long enough.
 */
async function toDo(setting: WatchSetting, watched: Watched, kept: Lasting & { again: boolean }): Promise<void> {
  const { alarm, wishes, looks, again } = kept
  const { project, targets } = watched
  const { clock } = project.ports
  const { signal, writer, hurry = signal, leisure = 60_000 } = setting
  const since = clock.ticks()
  while (!signal.aborted && !wishes.isOver && !wishes.wantsRun) {
    const waits = [(over: AbortSignal) => alarm.next(over), (over: AbortSignal) => wishes.next(over)]
    const looking = writer && { project, writer, stop: { signal, hurry } }
    const owing = looking && !wishes.paused ? looks.owing(project.graph, targets) : []
    if ((alarm.hasRung || again) && !wishes.paused) {
      const left = alarm.restsIn(project)
      if (left === 0) return
      waits.push((over) => clock.wait(left, over))
    } else if (looking && wishes.check) {
      wishes.check = false
      await looks.asked(looking, targets)
      continue
    } else if (looking && owing.length > 0) {
      const left = since + leisure - clock.ticks()
      if (left <= 0) {
        if (await looks.atLeisure(looking, owing)) return
        continue
      }
      waits.push((over) => clock.wait(left, over))
    }
    await firstOf(signal, waits)
  }
}

/** Keeps asking for a config that loads; until then the old one is watched and nothing runs. */
async function reloaded(setting: WatchSetting, old: Watched, lasting: Lasting): Promise<Watched> {
  for (;;) {
    const next = await setting.reload()
    if (next || isOver(setting, lasting)) return next ?? old
    lasting.wishes.takeRun()
    await toDo(setting, old, { ...lasting, again: false })
    lasting.alarm.take()
  }
}

function tellIdle({ project, targets }: Watched, { outcome }: RunResult, { follower, wishes }: Kept): void {
  const { emit, ports, graph } = project
  const keys = wishes.hasKeys ? { keys: true as const } : {}
  const paused = wishes.paused ? { paused: true as const } : {}
  const bases = new Set(closure(graph, targets, 'needs and after').flatMap((node) => foldersOf(graph.root, node)))
  const folders = bases.size + follower.folders.size
  emit({ type: 'watch-idle', at: ports.clock.now(), folders, healthy: outcome === 'done', ...keys, ...paused })
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
