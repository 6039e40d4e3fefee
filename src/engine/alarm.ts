import { join } from 'node:path'
import type { TreePath } from '../util/paths.ts'
import type { Edits } from './anew.ts'
import type { Project } from './project.ts'

const quietFor = 250

/** Calls whoever waits for it. */
export class Bell {
  private readonly sleepers = new Set<() => void>()

  wake(): void {
    for (const wake of this.sleepers) wake()
  }

  /** Resolves when it rings again, or when aborted. */
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
}

/** Collects the paths that changed. */
export class Alarm extends Bell {
  private readonly paths = new Set<TreePath>()
  private last = 0

  ring(path: TreePath, at: number): void {
    this.paths.add(path)
    this.last = at
    this.wake()
  }

  get hasRung(): boolean {
    return this.paths.size > 0
  }

  take(): readonly TreePath[] {
    const taken = [...this.paths].sort()
    this.paths.clear()
    return taken
  }

  /** In how many ms to look again whether things are quiet and git is not in the middle of something; 0: they are. */
  restsIn({ graph, ports }: Project): number {
    const left = this.last + quietFor - ports.clock.ticks()
    const gitLock = join(graph.root, '.git', 'index.lock')
    return left <= 0 && !ports.disk.identity(gitLock) ? 0 : Math.max(left, 20)
  }

  async rest(project: Project, signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.restsIn(project)
      if (left === 0 || signal.aborted) return
      await project.ports.clock.wait(left, signal)
    }
  }
}

/** What comes during a run stays in the alarm for the run after it. */
export function editsOf(project: Project, alarm: Alarm, signal: AbortSignal): Edits {
  const tell = async (listener: () => void, over: AbortSignal) => {
    for (;;) {
      await alarm.next(over)
      await alarm.rest(project, over)
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

/** Waits until one of these is over and ends the others. */
export async function firstOf(
  signal: AbortSignal,
  waits: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  try {
    await Promise.race(waits.map((wait) => wait(either)))
  } finally {
    over.abort()
  }
}
