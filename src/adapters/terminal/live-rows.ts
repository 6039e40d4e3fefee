import { styleText } from 'node:util'
import type { TreeRow } from '../../ports/terminal.ts'
import { duration } from '../../util/text.ts'

/** A row as it is drawn now: its text may have a second line. */
export interface DrawnRow {
  readonly key: string
  readonly state: 'running' | 'pending'
  readonly text: string
}

export interface Look {
  readonly colors: boolean
  /** Of the screen. */
  readonly height: number
  readonly now: number
}

/** A row is not drawn before it is so many ms old: what is over by then must not flicker. */
export const youngest = 300

/** The rows that are old enough, running ones first, and no more of them than the screen has lines. */
export function drawnRows(rows: Iterable<TreeRow>, look: Look): DrawnRow[] {
  const due = [...rows].filter(({ since }) => since === undefined || look.now - since >= youngest)
  const running = due.filter(({ state }) => state !== 'pending')
  const pending = due.filter(({ state }) => state === 'pending')
  // The cursor stands on the line below, and one line stays free for what was typed.
  const room = Math.max(1, look.height - 2 - pending.length)
  const outputs = running.length + running.filter(({ output }) => output).length <= room
  const shown = running.length <= room ? running : running.slice(0, room - 1)
  const more = running.length - shown.length
  return [
    ...shown.map((row) => drawnRow(row, look, outputs)),
    ...(more > 0
      ? [{ key: '\u0000more', state: 'pending' as const, text: paint('dim', `and ${more} more`, look) }]
      : []),
    ...pending.map((row) => drawnRow(row, look, false)),
  ]
}

function drawnRow(row: TreeRow, look: Look, withOutput: boolean): DrawnRow {
  const age = row.since === undefined ? '' : elapsed(look.now - row.since)
  const state = row.state === 'pending' ? 'pending' : 'running'
  const title = oneLine(row.title)
  const rest = paint('dim', [age, oneLine(row.detail ?? '')].filter((part) => part !== '').join('  '), look)
  const head = `${state === 'pending' ? paint('dim', title, look) : title}  ${rest}`.trimEnd()
  const output = withOutput && row.output ? `\n${paint('dim', `› ${oneLine(row.output)}`, look)}` : ''
  return { key: row.key, state, text: head + output }
}

const marks = { done: ['green', '✔'], failed: ['red', '✖'], skipped: ['yellow', '↓'] } as const

/** The lines that stay of a row that ended. */
export function endedText({ title, state, detail, output }: TreeRow, colors: boolean): string {
  const [color, icon] = marks[state === 'pending' || state === 'running' ? 'skipped' : state]
  const head = [`${paint(color, icon, { colors })} ${title}`, ...(detail ? [paint('dim', detail, { colors })] : [])]
  const below = output ? output.split('\n').map((line) => `  ${line}\n`) : []
  return `${head.join('  ')}\n${below.join('')}`
}

/** Whole seconds: digits that change ten times a second only draw the eye. */
function elapsed(ms: number): string {
  return ms < 100_000 ? `${Math.floor(ms / 1000)} s` : duration(ms)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

function paint(style: 'dim' | 'green' | 'red' | 'yellow', text: string, { colors }: Pick<Look, 'colors'>): string {
  return colors && text !== '' ? styleText(style, text, { validateStream: false }) : text
}
