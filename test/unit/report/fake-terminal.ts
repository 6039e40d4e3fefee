import type { Ending, Event } from '../../../src/model/event.ts'
import type { LiveTree, Terminal, TreeRow } from '../../../src/ports/terminal.ts'

/** Keeps what is written, and what the rows of its tree would show. */
export class FakeTerminal implements Terminal {
  isTerminal = true
  columns = 80
  colors = false
  text = ''
  flushed = 0
  trees = 0
  readonly rows = new Map<string, TreeRow>()

  write(text: string): void {
    this.text += text
  }

  async tree(): Promise<LiveTree> {
    this.trees += 1
    this.write(`<tree ${this.trees}>\n`)
    return {
      update: (row) => {
        if (row.state === 'running' || row.state === 'pending') this.rows.set(row.key, row)
        else {
          this.rows.delete(row.key)
          this.write(`<${row.state}> ${line(row)}\n`)
        }
      },
      remove: (key) => void this.rows.delete(key),
      pause: (during) => during(),
      close: async () => {
        this.rows.clear()
        this.write('</tree>\n')
      },
    }
  }

  async ask(): Promise<undefined> {}

  readonly hungUp = new Promise<void>(() => {})

  lend(): undefined {}

  async flush(): Promise<void> {
    this.flushed += 1
  }

  /** What is on the screen now. */
  screen(): string[] {
    return [...this.rows.values()].map(line)
  }
}

function line({ title, detail, output }: TreeRow): string {
  return [title, detail, output].filter((part) => part !== undefined).join(' | ')
}

/** 2026-01-02 03:04:05 UTC, in ms. */
export const start = 1_767_323_045_000

/** Short ways to write events, `s` seconds after the start. */
export const runStarted = (tasks: string[], s = 0): Event => ({
  type: 'run-started',
  version: 1,
  at: start + s * 1000,
  targets: tasks.slice(-1),
  tasks,
})
export const taskStarted = (task: string, s = 0, more: { about?: string; attempt?: number } = {}): Event => ({
  type: 'task-started',
  at: start + s * 1000,
  task,
  attempt: 1,
  reasons: [{ kind: 'never-ran' }],
  logFile: `.lakitu/logs/${task}.log`,
  ...more,
})
export const taskEnded = (task: string, ending: Ending, s = 0, ms = 1000): Event => ({
  type: 'task-ended',
  at: start + s * 1000,
  task,
  ending,
  ms,
})
export const log = (task: string, text: string, s = 0, stream: 'stdout' | 'note' = 'stdout'): Event => ({
  type: 'task-log',
  at: start + s * 1000,
  task,
  stream,
  line: text,
})
export const runEnded = (outcome: 'done' | 'failed' | 'stopped', ms: number): Event => ({
  type: 'run-ended',
  at: start + ms,
  ms,
  outcome,
  counts: { fresh: 0, done: 0, restored: 0, skipped: 0, failed: 0, blocked: 0, stopped: 0, served: 0, idle: 0 },
})
export const fresh: Ending = { state: 'fresh' }
export const done: Ending = { state: 'done', changed: true }
export const failed: Ending = {
  state: 'failed',
  error: {
    code: 'E_ANSIBLE',
    headline: 'The playbook failed',
    facts: { role: 'consul', host: 'spiney1' },
    next: 'Mend the role.',
    family: 'task',
  },
  logFile: '.lakitu/logs/apply.log',
  tail: ['TASK [consul : start]', 'fatal: [spiney1]'],
}
