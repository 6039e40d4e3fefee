import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Keyboard } from '../../ports/keyboard.ts'
import { singleKeys } from './modes.ts'
import { inFront, type Person } from './terminal.ts'

export interface KeyboardOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly person: Person
  /** Sets the terminal so that each key comes at once; answers how to set it as it was, or nothing where that fails. */
  readonly singleKeys: () => (() => void) | undefined
  /** Who reads from a terminal in the background is stopped by the system. */
  readonly isInFront: () => boolean
}

/** The keyboard of the terminal at standard input. */
export function standardKeyboard(): Keyboard {
  return createKeyboard({ input: process.stdin, person: inFront, singleKeys, isInFront })
}

export function createKeyboard(options: KeyboardOptions): Keyboard {
  return {
    listen: (onKey) => {
      // In the background it is the shell's, and who was begun there is not told when that changes.
      if (options.input.isTTY !== true || !options.isInFront()) return undefined
      const listening = new Listening(options, onKey)
      return () => listening.end()
    },
  }
}

/** Has the keys, and gives the terminal back whenever somebody else needs it: a question, a program, the shell. */
class Listening {
  private restore: (() => void) | undefined
  private isLent = false
  private readonly options: KeyboardOptions
  private readonly onKey: (key: string) => void
  private readonly onData = (data: Buffer | string) => {
    const text = String(data)
    // Arrows and function keys are more than one character.
    if (text.startsWith('\x1b')) return
    for (const key of text.toLowerCase().replaceAll('\r', '\n')) this.onKey(key)
  }
  private readonly onStop = () => {
    this.give()
    process.kill(process.pid, 'SIGSTOP')
  }
  private readonly onContinue = () => {
    // The shell may have set it otherwise meanwhile, also where nobody saw the stop coming.
    this.give()
    if (!this.isLent) this.take()
  }
  private readonly onExit = () => this.give()

  constructor(options: KeyboardOptions, onKey: (key: string) => void) {
    this.options = options
    this.onKey = onKey
    options.person.keys = this
    process.on('SIGTSTP', this.onStop)
    process.on('SIGCONT', this.onContinue)
    process.once('exit', this.onExit)
    // A terminal that is gone is noticed where something is written to it.
    options.input.on('error', this.onExit)
    this.take()
  }

  async pause<T>(during: () => Promise<T>): Promise<T> {
    this.isLent = true
    this.give()
    try {
      return await during()
    } finally {
      this.isLent = false
      if (this.options.person.keys === this) this.take()
    }
  }

  end(): void {
    this.give()
    this.options.person.keys = undefined
    process.off('SIGTSTP', this.onStop)
    process.off('SIGCONT', this.onContinue)
    process.off('exit', this.onExit)
    this.options.input.off('error', this.onExit)
  }

  private take(): void {
    const { input, singleKeys, isInFront } = this.options
    if (this.restore || !isInFront()) return
    this.restore = singleKeys()
    if (!this.restore) return
    input.on('data', this.onData)
    input.resume()
  }

  private give(): void {
    if (!this.restore) return
    const { input, isInFront } = this.options
    input.off('data', this.onData)
    input.pause()
    // In the background the terminal is somebody else's by now.
    if (isInFront()) this.restore()
    this.restore = undefined
  }
}

/** Whether this process is of the group to which the terminal belongs now. */
function isInFront(): boolean {
  const [group, front] = process.platform === 'linux' ? fromProc() : fromPs()
  return group !== undefined && group === front
}

function fromProc(): readonly (string | undefined)[] {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // After the name, which may hold anything: state, parent, group, session, terminal, group in front.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [fields[2], fields[5]]
  } catch {
    return []
  }
}

function fromPs(): readonly (string | undefined)[] {
  const asked = spawnSync('ps', ['-o', 'pgid=', '-o', 'tpgid=', '-p', String(process.pid)], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout.trim().split(/\s+/) : []
}
