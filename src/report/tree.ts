import type { Event, Report } from '../model/event.ts'
import type { Terminal, TreeRow } from '../ports/terminal.ts'
import { duration, never } from '../util/text.ts'
import { plain, visibleLines } from '../util/width.ts'
import { Canvas } from './canvas.ts'
import { errorLine } from './error-text.ts'
import { type Paint, paint } from './paint.ts'
import { Meter, progressText } from './progress.ts'
import { storyteller } from './story.ts'
import { closingText } from './summary.ts'
import { Tally } from './tally.ts'
import { driftLines, type Verbosity, watchText } from './words.ts'

type Of<T extends Event['type']> = Extract<Event, { type: T }>

interface Running {
  readonly row: TreeRow
  readonly meter: Meter
  /** Once a task tells its progress, lines of its programs no longer take the place. */
  tells: boolean
}

const status = '\u0000status'

/**
 * The live view: a row for each task that runs, with what it is at below it, and a last row that counts. Rows of
 * tasks that ended move up into the text above the tree, so that it never grows beyond what runs.
 */
export class TreeReport implements Report {
  private readonly terminal: Terminal
  private readonly paint: Paint
  private readonly verbose: boolean
  private readonly teller = storyteller()
  private readonly running = new Map<string, Running>()
  private tally = new Tally(0, 0)
  private canvas: Canvas | undefined

  constructor(terminal: Terminal, verbosity: Verbosity) {
    this.terminal = terminal
    this.paint = paint(terminal.colors)
    this.verbose = verbosity === 'verbose'
  }

  on(event: Event): void {
    this.teller.on(event)
    switch (event.type) {
      case 'run-started':
        this.runStarted(event)
        break
      case 'task-checking':
        this.tally.checking(event.task)
        break
      case 'task-started':
        this.started(event)
        break
      case 'task-log':
        this.log(event)
        break
      case 'task-progress':
        this.progress(event)
        break
      case 'task-ended':
        this.ended(event)
        break
      case 'service-ready':
        this.serviceReady(event)
        break
      case 'service-stopped':
        break
      case 'notice':
        this.notice(event)
        break
      case 'run-ended':
        this.runEnded()
        break
      case 'watch-idle':
      case 'watch-woken':
        this.terminal.write(`${this.paint.dim(watchText(event))}\n`)
        break
      case 'drift-looking':
      case 'drift-looked':
        this.terminal.write(`${this.paint.dim(`${event.task}:`)} ${driftLines(event).join('\n')}\n`)
        break
      default:
        never(event)
    }
  }

  async close(): Promise<void> {
    await this.canvas?.close()
    await this.terminal.flush()
  }

  private runStarted({ at, tasks }: Of<'run-started'>): void {
    const tally = new Tally(at, tasks.length)
    this.tally = tally
    this.canvas = new Canvas(this.terminal, this.canvas)
    // Put together only when it is drawn: with a hundred thousand fresh tasks that is far less often than it changes.
    const title = () => tally.text()
    const row: TreeRow = {
      key: status,
      state: 'pending',
      since: at,
      get title() {
        return title()
      },
    }
    this.canvas.show(row)
  }

  private started({ at, task, about, attempt }: Of<'task-started'>): void {
    const title = attempt > 1 ? `${task} (attempt ${attempt})` : task
    const row: TreeRow = {
      key: task,
      title,
      state: 'running',
      since: at,
      ...(about === undefined ? {} : { detail: about }),
    }
    this.running.set(task, { row, meter: new Meter(), tells: false })
    this.canvas?.show(row)
    this.tally.started(task)
  }

  private serviceReady({ task }: Of<'service-ready'>): void {
    const entry = this.running.get(task)
    if (!entry) return
    const row = { ...entry.row, detail: 'ready' }
    this.running.set(task, { ...entry, row })
    this.canvas?.show(row)
  }

  private log({ task, stream, line }: Of<'task-log'>): void {
    const text = plain(line).trimEnd()
    const mark = stream === 'note' ? '›' : '│'
    if (this.verbose || stream === 'note') this.terminal.write(`${this.paint.dim(`${task} ${mark}`)} ${text}\n`)
    const entry = this.running.get(task)
    if (entry && !entry.tells && stream !== 'note' && text !== '') entry.row.output = text
  }

  private progress({ at, task, progress }: Of<'task-progress'>): void {
    const entry = this.running.get(task)
    if (!entry) return
    entry.tells = true
    const bar = Math.max(5, Math.min(30, Math.floor(this.terminal.columns / 4)))
    entry.row.output = progressText(progress, { bar, rate: entry.meter.rate(at, progress) })
  }

  private ended({ task, ending, ms }: Of<'task-ended'>): void {
    const ran = this.running.delete(task)
    this.tally.ended(task, ending.state)
    const row = (rest: Omit<TreeRow, 'key' | 'title'>) => this.canvas?.show({ key: task, title: task, ...rest })
    switch (ending.state) {
      case 'done':
        row({ state: 'done', detail: duration(ms) })
        break
      case 'restored':
        row({ state: 'done', detail: 'restored' })
        break
      case 'skipped':
        row({ state: 'skipped', detail: 'left out', output: ending.reason })
        break
      case 'failed':
        row({ state: 'failed', detail: ending.still ? 'still' : duration(ms), output: errorLine(ending.error) })
        break
      case 'stopped':
        if (ran) row({ state: 'skipped', detail: 'stopped' })
        break
      case 'served':
        if (ran) row({ state: 'done', detail: `served ${duration(ms)}` })
        break
      case 'idle':
      case 'fresh':
      case 'blocked':
        if (ran) this.canvas?.remove(task)
        break
      default:
        never(ending)
    }
  }

  private notice({ level, text, task }: Of<'notice'>): void {
    const mark = level === 'warning' ? this.paint.yellow('warning: ') : ''
    this.terminal.write(`${mark}${task === undefined ? '' : `${task}: `}${visibleLines(text)}\n`)
  }

  private runEnded(): void {
    for (const task of this.running.keys()) this.canvas?.remove(task)
    this.running.clear()
    this.terminal.write(closingText(this.teller.story(), this.paint))
    void this.canvas?.close()
  }
}
