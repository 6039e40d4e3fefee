import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Tells two processes of one pid apart. */
  readonly start: string
  readonly command: string
}

/** All processes: from /proc, elsewhere from ps. */
export function processTable(): readonly ProcessRow[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

function fromProc(): readonly ProcessRow[] {
  return pids().flatMap((pid) => {
    const text = readOrNothing(`/proc/${pid}/stat`)
    // The name in parentheses may hold blanks and parentheses itself.
    const close = text.lastIndexOf(')')
    const fields = text.slice(close + 2).split(' ')
    const [state, parent, group, session] = fields
    const start = fields[19]
    if (close === -1 || start === undefined || state === 'Z' || state === 'X') return []
    const command = text.slice(text.indexOf('(') + 1, close)
    return [{ pid, parent: Number(parent), group: Number(group), session: Number(session), start, command }]
  })
}

function fromPs(): readonly ProcessRow[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,sess=,lstart=,comm='], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, session, start, command = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined || start === undefined) return []
    // Where ps shows a pointer for the session it tells nothing: 0 matches none.
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(session) || 0 }
    return [{ ...numbers, start, command }]
  })
}

/** Pids of this user's processes whose environment holds the text. Nothing where /proc is not. */
export function markedProcesses(mark: string): readonly number[] {
  if (process.platform !== 'linux') return []
  return pids().filter((pid) => pid !== process.pid && readOrNothing(`/proc/${pid}/environ`).includes(mark))
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** A process may be gone, or another user's, by the time it is read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
