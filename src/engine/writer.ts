import { LakituError } from '../model/error.ts'
import type { HeldLock, LockOwner } from '../ports/locks.ts'
import type { Succeeded } from '../ports/processes.ts'
import { duration } from '../util/text.ts'
import type { Project } from './project.ts'

const pollInterval = 200

/** How this process becomes the one writer of the work tree. */
export interface WriterOptions {
  /** What it was told to do, for whoever waits. */
  readonly command: string
  readonly pid: number
  /** Whether to wait for another writer; otherwise that is an error (E_LOCKED). */
  readonly wait: boolean
}

/** Whether what was checked before the lock was had still holds. */
export type Checked = 'in time' | 'before others wrote'

/** The right to write, taken with the first task that runs and given back at the end of the run. */
export class Writer {
  private held: HeldLock | undefined
  private succeeded: Succeeded | undefined
  private taking: Promise<Checked> | undefined
  /** Whether everything was checked again under the lock. */
  checkedSince = false
  private readonly project: Project
  private readonly options: WriterOptions
  private readonly signal: AbortSignal

  constructor(project: Project, options: WriterOptions, signal: AbortSignal) {
    this.project = project
    this.options = options
    this.signal = signal
  }

  /** Where another lakitu was at work meanwhile, whatever was checked before must be checked again. */
  take(): Promise<Checked> {
    this.taking ??= this.acquire()
    return this.taking
  }

  release(): void {
    if (!this.held) return
    const { held } = this
    this.held = undefined
    this.taking = undefined
    try {
      this.project.state.close()
      this.succeeded?.release()
    } finally {
      this.succeeded = undefined
      held.release()
    }
  }

  private async acquire(): Promise<Checked> {
    const { state, ports } = this.project
    const owner: LockOwner = { pid: this.options.pid, command: this.options.command, since: ports.clock.now() }
    let waited = false
    for (;;) {
      this.held = ports.locks.take(state.durable, owner)
      if (this.held) break
      if (!this.options.wait) throw locked(ports.locks.owner(state.durable))
      if (!waited) this.tellWait(ports.locks.owner(state.durable))
      waited = true
      await ports.clock.wait(pollInterval, this.signal)
      this.signal.throwIfAborted()
    }
    this.succeeded = await this.finishOff()
    const wrote = state.refresh()
    state.open(ports.boot)
    this.tellTrouble()
    return waited || wrote || this.succeeded.waited ? 'before others wrote' : 'in time'
  }

  /** What a killed lakitu had running has some seconds left, and writes where this one is about to. */
  private async finishOff(): Promise<Succeeded> {
    const { state, ports } = this.project
    const { signal } = this
    const { command } = this.options
    return ports.processes.finishOff(state.durable, {
      command,
      signal,
      onWait: (left) => {
        this.tell(`waiting for what lakitu ${left.command} left running (pid ${left.pid} is ending it)`)
      },
    })
  }

  /** A lakitu that a task of this tree started would wait for its own parent for ever. */
  refuseInside(): void {
    const inside = this.project.ports.environment['LAKITU_INSIDE']
    if (inside === undefined) return
    const [root, task]: [unknown, unknown] = JSON.parse(inside)
    if (root !== this.project.graph.root) return
    throw new LakituError({
      code: 'E_NESTED',
      headline: `lakitu ${this.options.command} was started inside task ${String(task)} of the same project`,
      next: `Let ${String(task)} need the task instead of starting lakitu.`,
      family: 'usage',
    })
  }

  private tellWait(owner: LockOwner | undefined): void {
    this.tell(`waiting for ${words(owner, this.project.ports.clock.now())}`)
  }

  private tell(text: string): void {
    const { emit, ports } = this.project
    emit({ type: 'notice', at: ports.clock.now(), level: 'info', text })
  }

  private tellTrouble(): void {
    const { emit, ports, state } = this.project
    for (const { file, aside } of state.trouble) {
      const text = `${file} was damaged: nothing in it is believed${aside === undefined ? '' : `, it is kept as ${aside}`}`
      emit({ type: 'notice', at: ports.clock.now(), level: 'warning', text })
    }
  }
}

function words(owner: LockOwner | undefined, now: number): string {
  if (!owner) return 'another lakitu in this folder'
  return `lakitu ${owner.command} (pid ${owner.pid}, for ${duration(now - owner.since)}) in this folder`
}

function locked(owner: LockOwner | undefined): LakituError {
  return new LakituError({
    code: 'E_LOCKED',
    headline: 'Another lakitu is at work in this folder',
    facts: owner ? { command: `lakitu ${owner.command}`, pid: String(owner.pid) } : {},
    next: 'Wait until it is done (without --no-wait, lakitu does that by itself), or stop it.',
    family: 'world',
  })
}
