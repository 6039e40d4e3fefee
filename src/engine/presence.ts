import { join } from 'node:path'
import type { HeldLock } from '../ports/locks.ts'
import type { Project } from './project.ts'
import type { WriterOptions } from './writer.ts'

/** That a watch is on this tree, for another one to say so: two of them are no mistake, but may be one. Nothing is decided by it. */
export class Presence {
  private held: HeldLock | undefined
  private isTold = false

  /** Says once that another one is here; where that one is gone, this one takes its place. */
  show({ state, ports, emit }: Project, { command, pid }: WriterOptions): void {
    const folder = join(state.durable, 'watch')
    const now = ports.clock.now()
    try {
      this.held ??= ports.locks.take(folder, { command, pid, since: now })
    } catch {
      // A lock that cannot be had, on a full disk or a damaged one, says nothing about others.
      return
    }
    if (this.held || this.isTold) return
    this.isTold = true
    const owner = ports.locks.owner(folder)
    const who = owner ? `lakitu ${owner.command} (pid ${owner.pid})` : 'another lakitu watch'
    const text = `${who} is on this tree, too: both keep it up to date, one at a time`
    emit({ type: 'notice', at: now, level: 'info', text })
  }

  leave(): void {
    this.held?.release()
  }
}
