import type { Ending } from '../model/event.ts'
import { listing } from '../util/text.ts'

/** How far a run is, for the last row of the tree. */
export class Tally {
  readonly since: number
  private readonly total: number
  private readonly looking = new Set<string>()
  private readonly active = new Set<string>()
  private readonly counts: Record<Ending['state'], number> = {
    fresh: 0,
    done: 0,
    restored: 0,
    skipped: 0,
    failed: 0,
    blocked: 0,
    stopped: 0,
    served: 0,
    idle: 0,
  }
  private over = 0

  constructor(since: number, total: number) {
    this.since = since
    this.total = total
  }

  checking(task: string): void {
    this.looking.add(task)
  }

  started(task: string): void {
    this.looking.delete(task)
    this.active.add(task)
  }

  ended(task: string, state: Ending['state']): void {
    this.looking.delete(task)
    this.active.delete(task)
    this.counts[state] += 1
    this.over += 1
  }

  /** `7 fresh, 3 done, 2 running, 8 to go`; where none runs, what is being checked. */
  text(): string {
    const { fresh, done, restored, skipped, failed, blocked, stopped } = this.counts
    const parts: [number, string][] = [
      [failed, 'failed'],
      [blocked, 'blocked'],
      [stopped, 'stopped'],
      [fresh, 'fresh'],
      [done, 'done'],
      [restored, 'restored'],
      [skipped, 'left out'],
      [this.active.size, 'running'],
      [Math.max(0, this.total - this.over - this.active.size), 'to go'],
    ]
    const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)
    if (this.active.size > 0 || this.looking.size === 0) return told.join(', ')
    return `checking ${listing([...this.looking], 3)}${told.length > 0 ? `; ${told.join(', ')}` : ''}`
  }
}
