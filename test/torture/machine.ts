import type { Clock } from '../../src/ports/clock.ts'
import type { HeldLock, LockOwner, Locks } from '../../src/ports/locks.ts'
import type { ProcessEnd, Processes, ProcessRequest, RunningProcess } from '../../src/ports/processes.ts'
import type { Random } from '../support/random.ts'
import { type Running, run, textOf } from './program.ts'
import { type DiskClock, failure, type Gate, SimDisk } from './sim-disk.ts'
import { World, worldProgram } from './world.ts'

/** A lakitu that was killed at this call of a port: nothing that it does afterwards happens. */
export class Killed extends Error {}

const killed = new Killed()

/** What goes wrong while one lakitu runs. */
export interface Trouble {
  /** Dies at the call with this number. */
  readonly killAt: number | undefined
  /** Dies so many moments after the first program began that changes something. */
  readonly killIn?: number | undefined
  /** So many calls fail from that one on. */
  readonly fault: { readonly code: 'ENOSPC' | 'EIO'; readonly from: number; readonly calls: number } | undefined
  /** Ctrl-C at that call. */
  readonly stopAt: number | undefined
  /** Edits that somebody makes meanwhile, each at a moment that chance decides. */
  readonly edits: readonly (() => void)[]
}

export const noTrouble: Trouble = { killAt: undefined, fault: undefined, stopAt: undefined, edits: [] }

interface Program {
  readonly steps: Running
  resolve: (end: ProcessEnd) => void
  /** Steps it has left after it was told to stop. */
  left: number
  stopped: boolean
}

interface Timer {
  readonly due: number
  readonly done: () => void
}

/** The machine of a case: disk, time, programs. Chance decides who goes on at each call of a port. */
export class Machine implements DiskClock {
  readonly disk: SimDisk
  readonly world = new World()
  random: Random
  /** Variables of whoever calls lakitu. */
  variables: Readonly<Record<string, string>> = {}
  private time = 1_700_000_000_000.5
  private readonly grain: number
  private readonly programs = new Set<Program>()
  /** Those of a lakitu that is dead. */
  private readonly orphans = new Set<Program>()
  private readonly timers = new Set<Timer>()
  private lockOwner: LockOwner | undefined
  private edits: (() => void)[] = []
  private calls = 0
  private trouble = noTrouble
  private dead = false
  /** Moments that it has to live. */
  private left: number | undefined
  private diedAt = ''
  private stop = new AbortController()
  /** Keeps a program from being stepped inside its own step. */
  private stepping = false

  constructor(random: Random, grain: number) {
    this.random = random
    this.grain = grain
    this.disk = new SimDisk(this)
  }

  now(): number {
    const { time, grain } = this
    return grain === 0 ? time : Math.floor(time / grain) * grain
  }

  pass(ms: number): void {
    this.time += ms
  }

  /**
   * So that what is put back has other times than before: who takes an edit back within the same tick of the file system's clock leaves
   * no trace of it in any identity. SAME_TICK=1 lets that happen.
   */
  passTick(): void {
    if (process.env['SAME_TICK'] === undefined) this.time += this.grain
  }

  /** Calls of ports in the last `drive`, and moments in which it waited. */
  get called(): number {
    return this.calls
  }

  readonly gate: Gate = (call, work) => {
    if (this.dead) throw killed
    this.time += this.random.chance(0.03) ? this.random.int(60) : this.random.int(100) / 400
    if (this.random.chance(0.4)) this.goOn(0.05)
    const dies = this.diesNow(call.path)
    const { fault } = this.trouble
    if (dies && this.random.chance(0.5)) this.die()
    if (fault && this.calls >= fault.from && this.calls < fault.from + fault.calls) {
      if (fault.code === 'EIO' || call.writes) throw failure(fault.code, call.path)
    }
    const result = work()
    if (dies) this.die()
    return result
  }

  /** The path of the call at which the last lakitu was killed; undefined where it was not. */
  get deathPlace(): string | undefined {
    return this.dead ? this.diedAt : undefined
  }

  /** One moment more, in which it is told to stop, or dies. */
  private diesNow(path: string): boolean {
    const { stopAt, killAt } = this.trouble
    this.calls += 1
    if (stopAt === this.calls) this.stop.abort()
    if (this.left !== undefined) this.left -= 1
    const dies = killAt === this.calls || this.left === 0
    if (dies) this.diedAt = path
    return dies
  }

  private die(): never {
    this.dead = true
    throw killed
  }

  /** Writes are cut short sometimes, as the system may. */
  readonly shorten = (length: number): number => (this.random.chance(0.1) ? 1 + this.random.int(length) : length)

  /** Runs a lakitu to its end, or to its death; undefined where it was killed. */
  async drive<T>(trouble: Trouble, work: (stop: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.calls = 0
    this.dead = false
    this.left = undefined
    this.trouble = trouble
    this.stop = new AbortController()
    this.edits = [...trouble.edits]
    let ended: { readonly value: T } | { readonly error: unknown } | undefined
    work(this.stop.signal).then(
      (value) => {
        ended = { value }
      },
      (error: unknown) => {
        ended = { error }
      },
    )
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (ended || this.dead) break
      if (!this.goOn(this.timers.size > 0 ? 0.3 : 1) && !this.nextTimer()) throw new Error('nothing can go on any more')
      // Also while it does nothing but wait for its programs.
      if (this.diesNow('')) this.dead = true
    }
    this.cleanUp()
    if (this.dead) return undefined
    if (ended && 'error' in ended) throw ended.error
    return ended?.value
  }

  /** What a dead lakitu left running goes on for a while beside the next one, then its watchdog ends it. */
  private cleanUp(): void {
    for (const edit of this.edits.splice(0)) edit()
    for (const program of this.programs) {
      program.stopped = true
      program.left = this.random.int(12)
      // Nobody is there any more to hear of its end.
      program.resolve = () => {}
      this.orphans.add(program)
    }
    this.timers.clear()
    this.lockOwner = undefined
  }

  /**
   * One step of something else than the lakitu; answers whether there was any. `alone`: how probable an edit is while no program runs. So
   * edits are spread over the whole run, and most of them fall between two steps of a program.
   */
  private goOn(alone: number): boolean {
    if (this.stepping) return false
    const { size } = this.programs
    const isEdit = this.edits.length > 0 && this.random.chance(size > 0 ? 0.25 : alone)
    if (size === 0 && !isEdit) return false
    const program = isEdit ? undefined : [...this.programs][this.random.int(size)]
    this.stepping = true
    try {
      // Nobody hurries what a dead lakitu left.
      if (program && this.orphans.has(program) && this.random.chance(0.8)) return true
      if (program) this.step(program)
      else this.edits.shift()?.()
    } finally {
      this.stepping = false
    }
    return true
  }

  private step(program: Program): void {
    this.time += this.random.int(20) / 10
    if (program.stopped && program.left === 0) {
      this.programs.delete(program)
      this.orphans.delete(program)
      program.resolve({ code: undefined, signal: 'SIGTERM', leftovers: [], outOfReach: [] })
      return
    }
    program.left -= 1
    const { done, value } = program.steps.next()
    if (!done) return
    this.programs.delete(program)
    this.orphans.delete(program)
    program.resolve({ code: value, signal: undefined, leftovers: [], outOfReach: [] })
  }

  private nextTimer(): boolean {
    const [next] = [...this.timers].sort((a, b) => a.due - b.due)
    if (!next) return false
    this.time = Math.max(this.time, next.due)
    next.done()
    return true
  }

  readonly clock: Clock = {
    now: () => this.time,
    ticks: () => this.time,
    wait: (ms, signal) => {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = {
          due: this.time + ms,
          done: () => {
            this.timers.delete(timer)
            signal?.removeEventListener('abort', timer.done)
            resolve()
          },
        }
        this.timers.add(timer)
        signal?.addEventListener('abort', timer.done)
      })
    },
  }

  readonly locks: Locks = {
    take: (folder, owner): HeldLock | undefined =>
      this.gate({ name: 'lock', path: folder, writes: true }, () => {
        this.disk.makeFolder(folder, 0o700)
        if (this.lockOwner) return undefined
        this.lockOwner = owner
        return {
          release: () => {
            this.lockOwner = undefined
          },
        }
      }),
    owner: () => this.lockOwner,
  }

  readonly processes: Processes = {
    start: (request) => this.start(request),
    finishOff: async () => {
      while (this.orphans.size > 0) await this.clock.wait(1)
      return { waited: true, release: () => {} }
    },
    close: async () => {},
  }

  /** Nothing runs that a dead lakitu left. */
  get isQuiet(): boolean {
    return this.orphans.size === 0
  }

  /** The machine stops: nothing goes on. */
  halt(): void {
    this.programs.clear()
    this.orphans.clear()
  }

  private begin(request: ProcessRequest): Running {
    const { program, cwd, args, env } = request
    const { disk, world } = this
    const { changes } = world
    const steps =
      program === worldProgram
        ? world.start(request, disk, new Set([...this.programs].map((running) => running.steps)))
        : run({ disk, cwd, argv: args, salt: env['SALT'] ?? '', version: textOf(disk, program) ?? '' })
    if (program !== worldProgram || world.changes > changes) this.left ??= this.trouble.killIn
    return steps
  }

  private async start(request: ProcessRequest): Promise<RunningProcess> {
    return this.gate({ name: 'start', path: request.program, writes: true }, () => {
      const steps = this.begin(request)
      let program: Program | undefined
      const ended = new Promise<ProcessEnd>((resolve) => {
        program = { steps, resolve, left: 0, stopped: false }
        this.programs.add(program)
      })
      const stop = () => {
        if (!program || program.stopped) return
        program.stopped = true
        program.left = this.random.int(6)
      }
      return { pid: 1, ended, stop }
    })
  }
}
