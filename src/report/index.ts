import type { Report } from '../model/event.ts'
import type { Terminal } from '../ports/terminal.ts'
import { type LinesOptions, LinesReport } from './lines.ts'
import { ndjsonReport } from './ndjson.ts'
import { TreeReport } from './tree.ts'

/**
 * The views of a run. Which output they go to is the choice of whoever made the terminal, by this rule:
 * - A run's record (rows, lines, summary, failures) is what `lakitu <task>` is asked for: stdout, all of it, in one
 *   order, so that `| tee log` has the whole of it. ndjson as well, and nothing beside it.
 * - Where stdout belongs to an answer (`--json`, tables, `lakitu env`), a run on the way there is told on stderr.
 * - What is said before or instead of a run (wrong usage, a config that does not load) goes to stderr. So does a
 *   question when stdout is no terminal; when it is one, the question goes there, and the tree makes way for it.
 * The tree is for a terminal that is one; into a pipe it would only leave escape sequences, so there are lines then.
 */
export type ReportKind = 'tree' | 'lines' | 'ndjson'

export interface ReportOptions extends LinesOptions {
  readonly terminal: Terminal
}

export function createReport(kind: ReportKind, { terminal, ...options }: ReportOptions): Report {
  if (kind === 'ndjson') return ndjsonReport(terminal)
  const live = kind === 'tree' && terminal.isTerminal && options.verbosity !== 'quiet'
  return live ? new TreeReport(terminal, options.verbosity) : new LinesReport(terminal, options)
}

export { errorLine, errorText, type FailedLog } from './error-text.ts'
export { noPaint, type Paint, paint } from './paint.ts'
export { type Story, storyOf, storyteller } from './story.ts'
export { summaryText } from './summary.ts'
export { type TableOptions, tableText } from './table.ts'
export { endingText, reasonsText, timeOfDay, type Verbosity } from './words.ts'
