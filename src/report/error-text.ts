import type { ErrorReport } from '../model/error.ts'
import { pad, plain, visible, visibleLines, width } from '../util/width.ts'
import { noPaint, type Paint } from './paint.ts'

/** The log of the task that failed. */
export interface FailedLog {
  readonly logFile?: string
  /** Its last lines. */
  readonly tail?: readonly string[]
}

const mostTail = 20

/**
 * An error for people: code and headline, its facts, the end of the log, and last what to do next, where the eye
 * ends up. A stack only of errors that nobody planned.
 */
export function errorText(error: ErrorReport, log: FailedLog = {}, paint: Paint = noPaint): string {
  const lines = [...headLines(error, paint), ...stackLines(error, paint), ...factLines(error.facts, paint)]
  return [...lines, ...logLines(log, paint), ...nextLines(error.next, paint)].map((line) => `${line}\n`).join('')
}

/** The error in one line, for rows and for lists. */
export function errorLine({ code, headline }: ErrorReport): string {
  return `${code}: ${visible(headline.split('\n', 1).join(''))}`
}

function headLines({ code, headline }: ErrorReport, { red }: Paint): string[] {
  const [first = '', ...more] = visibleLines(headline).split('\n')
  return [`${red(`${code}:`)} ${first}`, ...more.map((line) => `  ${line}`)]
}

function stackLines({ code, headline, stack }: ErrorReport, { dim }: Paint): string[] {
  if (code !== 'E_UNEXPECTED' || stack === undefined) return []
  // A stack begins with the message, which the headline has said.
  const calls = stack.startsWith(headline) ? stack.slice(headline.length) : stack
  return calls
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => dim(`  ${line.trim()}`))
}

function factLines(facts: Readonly<Record<string, string>>, { dim }: Paint): string[] {
  const names = Object.keys(facts)
  const column = Math.max(0, ...names.map(width))
  return names.flatMap((name) => {
    const [first = '', ...more] = visibleLines(facts[name] ?? '')
      .replace(/\n+$/, '')
      .split('\n')
    const under = more.map((line) => `  ${' '.repeat(column)}  ${line}`.trimEnd())
    return [`  ${dim(pad(name, column))}  ${first}`.trimEnd(), ...under]
  })
}

function logLines({ logFile, tail = [] }: FailedLog, { dim }: Paint): string[] {
  const shown = tail.slice(-mostTail)
  const whole = logFile === undefined ? '' : shown.length > 0 ? ` (all of it: ${logFile})` : `  Its log: ${logFile}`
  if (shown.length === 0) return whole === '' ? [] : [whole]
  return [`  The end of its log${whole}:`, ...shown.map((line) => `  ${dim('│')} ${plain(line)}`.trimEnd())]
}

function nextLines(next: string | undefined, { bold }: Paint): string[] {
  if (next === undefined) return []
  const [first = '', ...more] = visibleLines(next).split('\n')
  return [`${bold('Next:')} ${first}`, ...more.map((line) => `  ${line}`)]
}
