import type { Keyboard } from '../ports/keyboard.ts'
import { Bell } from './alarm.ts'
import type { Memory } from './memory.ts'

const help = [
  'enter  run now, without waiting; yes to what waits for an answer; what failed is tried again',
  'f      full: what is watched is run even where it is fresh',
  'c      check: look deeper whether the world is as it was left; changes nothing',
  'p      pause: edits are collected, nothing runs by itself; again to go on',
  'q      quit; a run that is on is stopped first',
  '?      these lines',
].join('\n')

interface WishSetting {
  readonly keyboard: Keyboard | undefined
  readonly tell: (text: string) => void
  /** Stops what runs, as Ctrl-C does. */
  readonly interrupt: () => void
}

/** What the person wants, by keys. What was pressed during a run counts after it. */
export class Wishes extends Bell {
  /** Whether a run is on. */
  running = false
  paused = false
  /** That nothing is to be done any more. */
  isOver = false
  /** That the world is to be looked at. */
  check = false
  private run: 'now' | 'full' | undefined
  private memory: Memory | undefined
  private readonly setting: WishSetting
  private end: (() => void) | undefined

  constructor(setting: WishSetting) {
    super()
    this.setting = setting
  }

  /** Whether there is a keyboard; `attend` must have been called. */
  get hasKeys(): boolean {
    return this.end !== undefined
  }

  get wantsRun(): boolean {
    return this.run !== undefined
  }

  attend(): void {
    this.end = this.setting.keyboard?.listen((key) => this.press(key))
  }

  /** Whose questions Enter answers. */
  answersTo(memory: Memory): void {
    this.memory = memory
  }

  /** What is to be run, once. */
  takeRun(): 'now' | 'full' | undefined {
    const { run } = this
    this.run = undefined
    return run
  }

  close(): void {
    this.end?.()
  }

  private press(key: string): void {
    const does = this.keys[key]
    if (!does) return
    does()
    this.wake()
  }

  private readonly keys: Readonly<Record<string, () => void>> = {
    '\n': () => {
      // At once: what it says yes to is what is to be seen now.
      this.memory?.answer()
      this.memory?.retry()
      this.run ??= 'now'
    },
    f: () => {
      this.run = 'full'
      if (this.running) this.setting.tell('all of it runs after this run')
    },
    c: () => {
      this.check = true
      if (this.running) this.setting.tell('looks at the world after this run')
    },
    p: () => {
      this.paused = !this.paused
      const after = this.running ? ' after this run' : ''
      this.setting.tell(this.paused ? `paused${after}: edits are collected; p goes on` : 'goes on')
    },
    q: () => {
      if (this.running) this.setting.interrupt()
      else this.isOver = true
    },
    '?': () => this.setting.tell(help),
  }
}
