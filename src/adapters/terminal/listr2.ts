import { styleText } from 'node:util'
import {
  DefaultRenderer,
  Listr,
  type ListrDefaultRendererTask,
  ListrEventManager,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
} from 'listr2'
import { width } from '../../util/width.ts'
import type { DrawnRow } from './live-rows.ts'
import type { Painter } from './live-tree.ts'

/** The part of a terminal's stream that drawing needs. */
export type OutputStream = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'isTTY'>

export interface ListrOptions {
  readonly output: OutputStream
  /** The other stream to the same terminal. */
  readonly beside: OutputStream
  readonly colors: boolean
  /** Gets what anybody writes to the two streams while the drawing is on the screen: whole lines. */
  readonly stray: (text: string) => void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/**
 * Draws rows with listr2's default renderer. Only the renderer is used, not listr2's running of tasks: the engine
 * decides what runs, and a row is here only as long as it is drawn. The renderer is told to be lazy, so that it
 * draws when it is asked to and has no timer of its own.
 */
export class ListrPainter implements Painter {
  private readonly options: ListrOptions
  private readonly output: LinesAside
  private readonly list = new Listr<unknown, 'default', 'default'>([], {
    fallbackRenderer: 'default',
    registerSignalListeners: false,
  })
  private readonly tasks = new Map<string, ListrDefaultRendererTask>()
  private renderer: DefaultRenderer | undefined
  private frames = 0
  private last: { columns: number; widths: number[] } | undefined

  constructor(options: ListrOptions) {
    this.options = options
    this.output = new LinesAside(options)
  }

  async open(): Promise<void> {
    const { colors } = this.options
    const paint = (style: 'yellow' | 'dim') => (text?: string) =>
      colors && text ? styleText(style, text, { validateStream: false }) : (text ?? '')
    const renderer = new DefaultRenderer(
      this.list.tasks,
      {
        lazy: true,
        clearOutput: true,
        formatOutput: 'truncate',
        logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: this.output }),
        icon: { PENDING: () => spinner[this.frames % spinner.length] ?? '', WAITING: '·' },
        color: { PENDING: paint('yellow'), WAITING: paint('dim') },
      },
      new ListrEventManager(),
    )
    await renderer.render()
    this.renderer = renderer
  }

  draw(rows: readonly DrawnRow[]): void {
    if (!this.renderer) return
    this.frames += 1
    this.take(rows)
    this.afterResize()
    this.renderer.update()
    const lines = this.renderer.create().split('\n')
    this.last = { columns: this.columns(), widths: lines.map(width) }
  }

  close(): void {
    if (!this.renderer) return
    this.afterResize()
    this.renderer.end()
    this.renderer = undefined
    this.last = undefined
  }

  /** Puts the rows in the list that the renderer has, as tasks that are under way. */
  private take(rows: readonly DrawnRow[]): void {
    const keys = new Set(rows.map(({ key }) => key))
    for (const key of this.tasks.keys()) if (!keys.has(key)) this.tasks.delete(key)
    const tasks = rows.map((row) => {
      const task = this.tasks.get(row.key) ?? this.newTask()
      this.tasks.set(row.key, task)
      task.state = row.state === 'running' ? ListrTaskState.STARTED : ListrTaskState.WAITING
      task.title = row.text
      return task
    })
    this.list.tasks.splice(0, this.list.tasks.length, ...tasks)
  }

  private newTask(): ListrDefaultRendererTask {
    this.list.add({ title: ' ', task: () => undefined })
    const task = this.list.tasks.at(-1)
    if (!task) throw new TypeError('listr2 made no task')
    // Asks the task whether it is enabled, which the renderer wants to know.
    void task.check(undefined)
    return task
  }

  /**
   * A narrower terminal has broken the lines that are on it into more of them, of which the renderer does not know:
   * clears them all and puts the cursor where the renderer thinks that it is.
   */
  private afterResize(): void {
    const { last } = this
    const columns = this.columns()
    if (!last || columns >= last.columns) return
    const broken = last.widths.reduce((sum, w) => sum + Math.max(1, Math.ceil(w / columns)), 0)
    this.output.stdout.write(`\r\u001b[${broken}A\u001b[J${'\n'.repeat(last.widths.length)}`)
    this.last = undefined
  }

  private columns(): number {
    return this.options.output.columns ?? 80
  }
}

/** Keeps what others write while the renderer has the screen, as whole lines and unchanged. */
class LinesAside extends ProcessOutput {
  private readonly from: ListrOptions
  private taken: { stream: OutputStream; write: OutputStream['write']; rest: string }[] = []

  constructor(options: ListrOptions) {
    // listr2 asks for the class of a terminal's stream, and uses no more of it than this.
    super(options.output as NodeJS.WriteStream, options.beside as NodeJS.WriteStream)
    this.from = options
  }

  override hijack(): void {
    this.stdout.write(hideCursor)
    const { output, beside, stray } = this.from
    this.taken = [output, beside].map((stream) => {
      const entry = { stream, write: stream.write, rest: '' }
      stream.write = (chunk: Uint8Array | string, ...more: unknown[]) => {
        // log-update hides the cursor by way of stderr, and shows it there when a signal ends the process.
        if (chunk === hideCursor || chunk === showCursor) return entry.write.call(stream, chunk)
        const text = entry.rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
        const end = text.lastIndexOf('\n') + 1
        entry.rest = text.slice(end)
        if (end > 0) stray(text.slice(0, end))
        const done = more.at(-1)
        if (typeof done === 'function') done()
        return true
      }
      return entry
    })
  }

  override release(): void {
    for (const { stream, write, rest } of this.taken) {
      stream.write = write
      if (rest !== '') this.from.stray(`${rest}\n`)
    }
    this.taken = []
    this.stdout.write(showCursor)
  }
}
