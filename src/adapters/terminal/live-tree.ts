import type { LiveTree, TreeRow } from '../../ports/terminal.ts'
import { type DrawnRow, drawnRows, endedText } from './live-rows.ts'

/** What draws the rows. Between `open` and `close` the screen below the text belongs to it. */
export interface Painter {
  open(): Promise<void>
  draw(rows: readonly DrawnRow[]): void
  /** Takes the drawing away and leaves the terminal as it was; nothing where it is closed. */
  close(): void
}

/** Loads the painter; `stray` gets what others write to the terminal while it is open. */
export type LoadPainter = (stray: (text: string) => void) => Promise<Painter>

export interface Screen {
  readonly colors: boolean
  height(): number
  /** Writes as it is; between `hold` and `release` all of it appears at once. */
  write(text: string): void
  hold(): void
  release(): void
  now(): number
}

const frameEvery = 100

/**
 * Rows below, text above. The painter is loaded only when a row is old enough to be drawn; until then, and whenever
 * there is no such row, text goes straight to the screen. All changes of the picture happen in frames, one at a time:
 *
 *   closed ──row is due──▶ open ──text to print──▶ closed, text, open ──no row is due, pause, close──▶ closed
 */
export class PaintedTree implements LiveTree {
  private readonly rows = new Map<string, TreeRow>()
  private readonly screen: Screen
  private readonly load: LoadPainter
  private readonly onClose: () => void
  private painter: Painter | undefined
  private open = false
  private held = 0
  private above = ''
  private frame: Promise<void> | undefined
  private readonly timer: NodeJS.Timeout
  private state: 'live' | 'broken' | 'ended' = 'live'
  private readonly onExit = () => {
    this.leave()
    this.screen.release()
  }

  constructor(screen: Screen, load: LoadPainter, onClose: () => void) {
    this.screen = screen
    this.load = load
    this.onClose = onClose
    this.timer = setInterval(() => void this.step(), frameEvery)
    this.timer.unref()
    process.once('exit', this.onExit)
  }

  update(row: TreeRow): void {
    if (row.state === 'running' || row.state === 'pending') this.rows.set(row.key, row)
    else {
      this.rows.delete(row.key)
      this.write(endedText(row, this.screen.colors))
    }
  }

  remove(key: string): void {
    this.rows.delete(key)
  }

  /** Text that stays, above the rows. */
  write(text: string): void {
    this.above += text
    if (!this.open && this.held === 0) this.print()
  }

  async pause<T>(during: () => Promise<T>): Promise<T> {
    this.held += 1
    await this.frame
    this.leave()
    try {
      return await during()
    } finally {
      this.held -= 1
      if (this.held === 0) this.print()
    }
  }

  async close(): Promise<void> {
    this.state = 'ended'
    clearInterval(this.timer)
    await this.frame
    this.leave()
    process.removeListener('exit', this.onExit)
    this.onClose()
  }

  /** One frame, unless one is still at it or the screen is not ours. */
  private async step(): Promise<void> {
    if (this.frame || this.held > 0 || this.state !== 'live') return
    this.frame = this.redraw().catch(() => {
      // A view that cannot draw must not stop the work: plain text goes on.
      this.state = 'broken'
      this.leave()
    })
    await this.frame
    this.frame = undefined
  }

  private async redraw(): Promise<void> {
    const rows = this.drawn()
    if (this.open && this.above === '' && rows.length > 0) return this.painter?.draw(rows)
    if (!this.open && rows.length === 0) return
    this.painter ??= await this.load((text) => this.write(text))
    this.screen.hold()
    try {
      this.leave()
      if (rows.length > 0 && this.state === 'live') await this.enter(this.painter)
    } finally {
      this.screen.release()
    }
  }

  private async enter(painter: Painter): Promise<void> {
    await painter.open()
    this.open = true
    painter.draw(this.drawn())
  }

  private drawn(): DrawnRow[] {
    const { colors } = this.screen
    return drawnRows(this.rows.values(), { colors, height: this.screen.height(), now: this.screen.now() })
  }

  private leave(): void {
    this.painter?.close()
    this.open = false
    this.print()
  }

  private print(): void {
    const text = this.above
    this.above = ''
    if (text !== '') this.screen.write(text)
  }
}
