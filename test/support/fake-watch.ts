import { run } from '../../src/engine/run.ts'
import { type Watched, type WatchSetting, watch } from '../../src/engine/watch.ts'
import type { Event } from '../../src/model/event.ts'
import type { Keyboard } from '../../src/ports/keyboard.ts'
import type { Watcher } from '../../src/ports/watcher.ts'
import type { TestProject } from './project.ts'
import { until } from './until.ts'

/** A test says what changes; only watches that are open hear it. */
export class FakeWatcher implements Watcher {
  private readonly open = new Set<(path: string) => void>()

  async watch(_paths: readonly string[], ignored: (path: string) => boolean, onChange: (path: string) => void) {
    const hear = (path: string) => {
      if (!ignored(path)) onChange(path)
    }
    this.open.add(hear)
    return { close: async () => void this.open.delete(hear) }
  }

  change(path: string): void {
    for (const hear of this.open) hear(path)
  }
}

/** A test presses its keys. */
export class FakeKeyboard implements Keyboard {
  private onKey: ((key: string) => void) | undefined

  get isHeard(): boolean {
    return this.onKey !== undefined
  }

  listen(onKey: (key: string) => void): () => void {
    this.onKey = onKey
    return () => {
      this.onKey = undefined
    }
  }

  press(...keys: readonly string[]): void {
    for (const key of keys) this.onKey?.(key)
  }
}

export type FakeRun = WatchSetting['run']

/** Runs that are the engine's own. */
export const realRun: FakeRun = ({ project, targets }, { forced, ...extra }) => {
  const never = new AbortController().signal
  const limits = { jobs: 4, keepGoing: false, pools: {} }
  const caches = { cacheLimit: Number.POSITIVE_INFINITY, downloadLimit: Number.POSITIVE_INFINITY }
  const wanted = [...new Set([...targets, ...forced])]
  const request = { targets: wanted, force: false, forced, ...limits, ...caches, writer, ...extra }
  return run(project, request, { signal: never, hurry: never })
}

const writer = { command: 'watch', pid: process.pid, wait: true }

/** A watch in this process, whose runs are what the test says. */
export class FakeWatch {
  readonly watcher = new FakeWatcher()
  readonly keyboard = new FakeKeyboard()
  readonly events: Event[] = []
  /** How often a run was stopped as Ctrl-C does it. */
  interrupts = 0
  readonly stopping = new AbortController()
  readonly ended: Promise<void>
  private readonly project: TestProject

  constructor(project: TestProject, fakeRun: FakeRun, setting: Partial<WatchSetting> = {}) {
    this.project = project
    const opened = project.open((event) => this.events.push(event))
    const first: Watched = {
      project: opened,
      targets: opened.graph.nodes,
      modules: [],
      observed: { places: () => [], changed: () => false },
    }
    this.ended = watch({
      first,
      watcher: this.watcher,
      keyboard: this.keyboard,
      signal: this.stopping.signal,
      interrupt: () => {
        this.interrupts += 1
        this.stopping.abort()
      },
      run: fakeRun,
      writer,
      reload: async () => first,
      ...setting,
    })
  }

  /** Writes the file and says so. */
  edit(path: string, text: string): void {
    this.project.write(path, text)
    this.watcher.change(this.project.path(path))
  }

  get idles(): number {
    return this.events.filter(({ type }) => type === 'watch-idle').length
  }

  idle(n: number): Promise<unknown> {
    return until(`idle number ${n}`, () => this.idles >= n)
  }

  get notices(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
  }
}
