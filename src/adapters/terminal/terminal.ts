import { createInterface } from 'node:readline'
import type { LiveTree, Terminal } from '../../ports/terminal.ts'
import { type LoadPainter, PaintedTree } from './live-tree.ts'
import { rememberModes } from './modes.ts'

/** What a terminal needs of an output; `process.stdout` and `process.stderr` have it. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly destroyed: boolean
  write(text: string, done?: () => void): boolean
  cork(): void
  uncork(): void
  on(event: 'error', listener: (error: Error) => void): unknown
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface TerminalOptions {
  readonly output: Output
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly env: Environment
  /** What draws live trees; loaded when the first row is drawn. */
  readonly painter: LoadPainter
  readonly now?: () => number
  /** The person in front, where outputs share one; default one of its own. */
  readonly person?: Person
  /** Remembers how the terminal is set and answers how to set it so again: a program that was killed restores nothing. */
  readonly rememberModes?: () => () => void
}

/** Whom questions go to: one at a time, and the tree that is open makes way, on whichever output it is. */
export interface Person {
  tree: PaintedTree | undefined
  asking: Promise<unknown>
  /** Set while a program has the terminal: what waits to be written after it. */
  held: (() => void)[] | undefined
  /** Set while somebody listens to single keys, who makes way as well. */
  keys: { pause<T>(during: () => Promise<T>): Promise<T> } | undefined
}

export function newPerson(): Person {
  return { tree: undefined, asking: Promise.resolve(), held: undefined, keys: undefined }
}

export const inFront = newPerson()
const standard = new Map<'stdout' | 'stderr', Terminal>()

export function createTerminal(options: TerminalOptions): Terminal {
  return new StreamTerminal(options)
}

/** The terminal over stdout or stderr of this process: always the same one, so that a question finds the open tree. */
export function standardTerminal(which: 'stdout' | 'stderr'): Terminal {
  const known = standard.get(which) ?? makeStandard(which)
  standard.set(which, known)
  return known
}

function makeStandard(which: 'stdout' | 'stderr'): Terminal {
  const output = process[which]
  const beside = which === 'stdout' ? process.stderr : process.stdout
  const colors = wantsColors(output, process.env)
  // The drawing writes to both; without a listener the one that nobody reads any more would end lakitu.
  beside.on('error', () => {})
  return createTerminal({
    output,
    input: process.stdin,
    env: process.env,
    person: inFront,
    rememberModes,
    painter: async (stray) => {
      const { ListrPainter } = await import('./listr2.ts')
      return new ListrPainter({ output, beside, colors, stray })
    },
  })
}

/** FORCE_COLOR decides where it is set, then NO_COLOR, then whether the output is a terminal that knows colours. */
export function wantsColors(output: Pick<Output, 'isTTY'>, env: Environment): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return output.isTTY === true && term !== 'dumb'
}

class StreamTerminal implements Terminal {
  readonly isTerminal: boolean
  readonly colors: boolean
  private readonly options: TerminalOptions
  private open: PaintedTree | undefined
  /** The reader went away: `lakitu apply | head`. */
  private gone = false
  private readonly lost: Promise<void>
  readonly hungUp: Promise<void>
  private readonly person: Person

  constructor(options: TerminalOptions) {
    const { output, env } = options
    const { TERM: term } = env
    this.options = options
    this.person = options.person ?? newPerson()
    // A dumb terminal cannot move its cursor: for a view it is as good as a file.
    this.isTerminal = output.isTTY === true && term !== 'dumb'
    this.colors = wantsColors(output, env)
    const { promise: lost, resolve: onLost } = Promise.withResolvers<void>()
    const { promise: hungUp, resolve: onHangUp } = Promise.withResolvers<void>()
    output.on('error', (error) => {
      this.gone = true
      onLost()
      if ('code' in error && error.code === 'EIO') onHangUp()
    })
    this.lost = lost
    this.hungUp = hungUp
  }

  get columns(): number {
    // 0 where the terminal does not know.
    return this.options.output.columns || 80
  }

  write(text: string): void {
    if (this.open) this.open.write(text)
    else this.put(text)
  }

  async tree(): Promise<LiveTree> {
    await this.open?.close()
    const { output, painter, now = Date.now } = this.options
    const tree = new PaintedTree(
      {
        colors: this.colors,
        height: () => output.rows || 24,
        write: (text) => this.put(text),
        hold: () => output.cork(),
        release: () => output.uncork(),
        now,
      },
      painter,
      () => {
        if (this.open === tree) this.open = undefined
        if (this.person.tree === tree) this.person.tree = undefined
      },
    )
    this.open = tree
    this.person.tree = tree
    return tree
  }

  /** One question at a time: two tasks may ask at once. */
  ask(question: string, signal?: AbortSignal): Promise<boolean | undefined> {
    const { output, input } = this.options
    if (input.isTTY !== true || output.isTTY !== true || this.gone) return Promise.resolve(undefined)
    const { person } = this
    const answer = person.asking.then(() => {
      return this.alone(() => this.answer(question, signal))
    })
    person.asking = answer.catch(() => undefined)
    return answer
  }

  lend<T>(during: () => Promise<T>): Promise<T> | undefined {
    const { output, input, rememberModes = () => () => {} } = this.options
    if (input.isTTY !== true || output.isTTY !== true || this.gone) return undefined
    const { person } = this
    const lent = async () => {
      const held: (() => void)[] = []
      person.held = held
      const restore = rememberModes()
      try {
        return await during()
      } finally {
        restore()
        person.held = undefined
        for (const write of held) write()
      }
    }
    const result = person.asking.then(() => this.alone(lent))
    person.asking = result.catch(() => undefined)
    return result
  }

  /** With nobody else drawing on the terminal or reading from it. */
  private alone<T>(during: () => Promise<T>): Promise<T> {
    const { tree, keys } = this.person
    const without = keys ? () => keys.pause(during) : during
    return tree ? tree.pause(without) : without()
  }

  flush(): Promise<void> {
    const { output } = this.options
    if (this.gone || output.destroyed) return Promise.resolve()
    const written = new Promise<void>((resolve) => output.write('', () => resolve()))
    return Promise.race([written, this.lost])
  }

  /** Reads whole lines and leaves the terminal's own line editing on, so that Ctrl-C stays the signal that it is. */
  private answer(question: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false)
    const { input } = this.options
    const reader = createInterface({ input, terminal: false, ...(signal ? { signal } : {}) })
    const prompt = `${question} [y/N] `
    let answered = false
    this.put(prompt)
    return new Promise((resolve) => {
      reader.on('line', (line) => {
        const word = line.trim().toLowerCase()
        if (!['', 'y', 'yes', 'n', 'no'].includes(word)) return this.put(`Please answer yes or no. ${prompt}`)
        answered = true
        resolve(word === 'y' || word === 'yes')
        reader.close()
      })
      reader.on('close', () => {
        // The end of the input, or an abort, leaves the cursor behind the question.
        if (!answered) this.put('\n')
        resolve(false)
      })
    })
  }

  private put(text: string): void {
    const { output } = this.options
    if (this.person.held && output.isTTY) return void this.person.held.push(() => this.put(text))
    if (this.gone || output.destroyed) return
    try {
      output.write(text)
    } catch {
      this.gone = true
    }
  }
}
