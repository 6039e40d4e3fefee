import type { Clock } from '../../src/ports/clock.ts'

/**
 * A clock that stands still until everything that can go on without it has: then it jumps to the next moment that
 * somebody waits for. So nothing in a test takes time, and what a wait decides is always the same.
 */
export class JumpingClock implements Clock {
  private time: number
  private readonly waiting = new Set<{ readonly due: number; readonly done: () => void }>()
  private jumping = false

  constructor(start = 1_700_000_000_000) {
    this.time = start
  }

  now(): number {
    return this.time
  }

  ticks(): number {
    return this.time
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        this.waiting.delete(entry)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const entry = { due: this.time + ms, done }
      this.waiting.add(entry)
      signal?.addEventListener('abort', done)
      this.jump()
    })
  }

  private jump(): void {
    if (this.jumping) return
    this.jumping = true
    setImmediate(() => {
      this.jumping = false
      const [next] = [...this.waiting].sort((a, b) => a.due - b.due)
      if (!next) return
      this.time = Math.max(this.time, next.due)
      next.done()
      this.jump()
    })
  }
}
