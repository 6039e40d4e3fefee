import { cut, pad, width } from '../util/width.ts'

export interface TableOptions {
  /** Where every line is cut; default nowhere, as fits a pipe. */
  readonly columns?: number
  readonly heads?: readonly string[]
  readonly indent?: number
  /** Colours a cell when its width is settled. */
  readonly paint?: (cell: string, column: number) => string
}

const gap = 2

/** Plain columns, each as wide as its widest cell; no blanks at the ends of lines. */
export function tableText(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { columns = Number.POSITIVE_INFINITY, heads, indent = 0, paint = (cell) => cell } = options
  const all = heads ? [heads, ...rows] : rows
  const widths: number[] = []
  for (const row of all) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  }
  return all.map((row) => `${tableLine(row, { widths, columns, indent, paint })}\n`).join('')
}

interface Layout {
  readonly widths: readonly number[]
  readonly columns: number
  readonly indent: number
  readonly paint: (cell: string, column: number) => string
}

function tableLine(row: readonly string[], { widths, columns, indent, paint }: Layout): string {
  let line = ' '.repeat(indent)
  let left = columns - indent
  const last = row.findLastIndex((cell) => cell !== '')
  for (const [i, cell] of row.slice(0, last + 1).entries()) {
    // One column stays free: a full line makes some terminals wrap.
    const shown = cut(cell, left - 1)
    const filled = i === last ? shown : pad(shown, Math.min((widths[i] ?? 0) + gap, left - 1))
    line += cell === '' ? filled : paint(filled, i)
    left -= width(filled)
    if (shown !== cell) break
  }
  return line.trimEnd()
}
