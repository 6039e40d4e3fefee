import type { Event, Report } from '../model/event.ts'
import type { Terminal } from '../ports/terminal.ts'
import { never } from '../util/text.ts'
import { pad, plain, visibleLines, width } from '../util/width.ts'
import { Groups } from './groups.ts'
import { type Paint, paint } from './paint.ts'
import { Meter, progressText } from './progress.ts'
import { storyteller } from './story.ts'
import { closingText } from './summary.ts'
import { driftLines, endingText, reasonsText, serviceText, timeOfDay, type Verbosity, watchText } from './words.ts'

export interface LinesOptions {
  readonly verbosity: Verbosity
  /** Minutes that the clock on the wall is ahead of UTC at that time; without it times are UTC. */
  readonly utcOffset?: ((at: number) => number) | undefined
}

/** Progress of one task is told so often at most, in ms. */
const progressEvery = 10_000
const widestName = 20

interface TaskLines {
  readonly meter: Meter
  toldAt: number
}

/** For logs and CI: a line with its time for each thing that happens, the lines of each task together. */
export class LinesReport implements Report {
  private readonly paint: Paint
  private readonly teller = storyteller()
  private readonly groups = new Groups()
  private readonly running = new Map<string, TaskLines>()
  /** Services that are ready. */
  private readonly up = new Set<string>()
  private column = 0
  private readonly terminal: Terminal
  private readonly options: LinesOptions

  constructor(terminal: Terminal, options: LinesOptions) {
    this.terminal = terminal
    this.options = options
    this.paint = paint(terminal.colors)
  }

  on(event: Event): void {
    this.teller.on(event)
    switch (event.type) {
      case 'run-started':
        this.column = event.tasks.reduce((most, task) => Math.max(most, Math.min(widestName, task.length)), 0)
        break
      case 'task-checking':
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
      case 'service-stopped':
        this.service(event)
        break
      case 'notice':
        this.notice(event)
        break
      case 'run-ended':
        this.print(this.groups.rest())
        this.terminal.write(closingText(this.teller.story(), this.paint))
        break
      case 'watch-idle':
      case 'watch-woken':
        if (this.options.verbosity !== 'quiet') this.print([this.line(event.at, watchText(event))])
        break
      case 'drift-looking':
      case 'drift-looked':
        this.drift(event)
        break
      default:
        never(event)
    }
  }

  close(): Promise<void> {
    this.print(this.groups.rest())
    return this.terminal.flush()
  }

  private started({ at, task, attempt, reasons }: Extract<Event, { type: 'task-started' }>): void {
    this.running.set(task, { meter: new Meter(), toldAt: at })
    if (this.options.verbosity === 'quiet') return
    const again = attempt > 1 ? `started, attempt ${attempt}` : 'started'
    const why = reasonsText(reasons, this.options.verbosity === 'verbose' ? reasons.length : 2)
    this.print([this.line(at, why === '' ? again : `${again}: ${why}`, task)])
  }

  private log({ at, task, stream, line }: Extract<Event, { type: 'task-log' }>): void {
    const { verbosity } = this.options
    if (verbosity === 'quiet' || (verbosity === 'normal' && stream !== 'note')) return
    const mark = stream === 'note' ? '' : `${this.paint.dim('│')} `
    const text = this.line(at, `${mark}${plain(line)}`, task)
    const isApart = verbosity === 'verbose' && !this.up.has(task)
    this.print(isApart ? this.groups.line(task, text) : [text])
  }

  /** While it is up it says something now and then, which is not to keep the lines of others back. */
  private service(event: Extract<Event, { type: 'service-ready' | 'service-stopped' }>): void {
    const { at, task, type } = event
    const held = this.groups.end(task, this.line(at, serviceText(event), task))
    if (type === 'service-ready') this.up.add(task)
    else this.up.delete(task)
    if (this.options.verbosity !== 'quiet') this.print(held)
  }

  private progress({ at, task, progress }: Extract<Event, { type: 'task-progress' }>): void {
    const lines = this.running.get(task)
    const rate = lines?.meter.rate(at, progress)
    if (!lines || this.options.verbosity === 'quiet' || at - lines.toldAt < progressEvery) return
    lines.toldAt = at
    this.print([this.line(at, progressText(progress, { bar: 0, rate }), task)])
  }

  private ended({ at, task, ending, ms }: Extract<Event, { type: 'task-ended' }>): void {
    this.running.delete(task)
    const { verbosity } = this.options
    const { green, red, yellow, dim } = this.paint
    const color = {
      fresh: dim,
      done: green,
      restored: green,
      skipped: yellow,
      failed: red,
      blocked: dim,
      stopped: yellow,
      served: dim,
      idle: dim,
    }
    // Of a service, that it stopped was told.
    const isPlain = ending.state === 'fresh' || ending.state === 'idle' || ending.state === 'served'
    const silent = verbosity === 'quiet' ? ending.state !== 'failed' : isPlain && verbosity === 'normal'
    if (!silent) this.print(this.groups.end(task, this.line(at, color[ending.state](endingText(ending, ms)), task)))
  }

  private drift(event: Extract<Event, { type: 'drift-looking' | 'drift-looked' }>): void {
    if (this.options.verbosity === 'quiet') return
    this.print(driftLines(event).map((line) => this.line(event.at, line, event.task)))
  }

  private notice({ at, level, text, task }: Extract<Event, { type: 'notice' }>): void {
    if (this.options.verbosity === 'quiet') return
    const mark = level === 'warning' ? this.paint.yellow('warning: ') : ''
    const lines = visibleLines(text)
      .split('\n')
      .map((part, i) => this.line(at, i === 0 ? mark + part : `  ${part}`, task))
    this.print(lines)
  }

  private line(at: number, text: string, task?: string): string {
    const time = this.paint.dim(timeOfDay(at, this.options.utcOffset?.(at)))
    const name = task === undefined ? '' : `${this.paint.bold(pad(task, Math.max(this.column, width(task))))}  `
    return `${time}  ${name}${text}`.trimEnd()
  }

  private print(lines: readonly string[]): void {
    if (lines.length > 0) this.terminal.write(`${lines.join('\n')}\n`)
  }
}
