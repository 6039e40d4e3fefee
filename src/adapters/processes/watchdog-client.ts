import { type ChildProcess, spawn } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lineSplitter } from '../../util/lines.ts'
import { type Member, startOf } from './family.ts'
import { type Guard, removeGuard, writeGuard } from './left-running.ts'
import type { WatchdogMessage, Watched } from './watchdog.ts'

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './watchdog.ts' : './watchdog.js', import.meta.url),
)

/** Our end of the watchdog; it is started with the first program. */
export class Watchdog {
  private child: ChildProcess | undefined
  private readonly waiting = new Map<number, () => void>()
  private gone: Error | undefined
  private shown: { readonly folder: string; readonly words: Pick<Guard, 'boot' | 'command'> } | undefined

  /** From now on whoever looks into the folder knows this watchdog. */
  showIn(folder: string, words: Pick<Guard, 'boot' | 'command'>): void {
    this.shown = { folder, words }
    removeGuard(folder)
    if (this.child) this.show(this.child)
  }

  hide(): void {
    if (this.shown) removeGuard(this.shown.folder)
    this.shown = undefined
  }

  /** Starts it, where it does not run; what else there is to do can be done meanwhile. */
  begin(): ChildProcess {
    this.child ??= this.launch()
    return this.child
  }

  /** Resolves when the watchdog knows the program: only then may it begin. */
  async add(watched: Watched): Promise<void> {
    const acknowledged = new Promise<void>((resolve) => this.waiting.set(watched.leader.pid, resolve))
    this.send({ type: 'add', watched })
    await acknowledged
    if (this.gone) throw this.gone
  }

  /** What came from the program so far. */
  seen(pid: number, members: readonly Member[]): void {
    if (this.child) this.send({ type: 'seen', pid, members })
  }

  remove(pid: number): void {
    if (this.child) this.send({ type: 'remove', pid })
  }

  async close(): Promise<void> {
    const { child } = this
    if (!child) return
    child.ref()
    const exited = new Promise((resolve) => child.once('exit', resolve))
    this.send({ type: 'bye' })
    child.stdin?.end()
    // One that was killed by a signal has no exit code.
    if (child.exitCode === null && child.signalCode === null) await exited
    this.child = undefined
  }

  private send(message: WatchdogMessage): void {
    this.begin().stdin?.write(`${JSON.stringify(message)}\n`)
  }

  /** Before a program is told to begin: whoever finds nothing has nothing to wait for. */
  private show({ pid }: ChildProcess): void {
    const start = pid === undefined ? undefined : startOf(pid)
    if (!this.shown || pid === undefined || start === undefined) return
    writeGuard(this.shown.folder, { pid, start, ...this.shown.words })
  }

  private launch(): ChildProcess {
    // No more than it takes to find sudo, no mark above all; and to start in half the time, which every first program waits for.
    const compiled = getCompileCacheDir()
    const cache = compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }
    const env = { PATH: process.env['PATH'], ...cache }
    const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env })
    const lines = lineSplitter((line) => {
      const pid = Number(line)
      this.waiting.get(pid)?.()
      this.waiting.delete(pid)
    })
    child.stdout?.on('data', (bytes: Buffer) => lines.push(bytes))
    child.stdin?.on('error', () => {})
    child.once('exit', () => {
      this.gone = new Error('The watchdog process ended by itself')
      for (const resolve of this.waiting.values()) resolve()
    })
    this.show(child)
    child.unref()
    unrefPipe(child.stdin)
    unrefPipe(child.stdout)
    return child
  }
}

/** An idle pipe to the watchdog must not keep lakitu alive. */
function unrefPipe(pipe: unknown): void {
  if (typeof pipe === 'object' && pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
}
