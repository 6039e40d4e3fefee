import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessRow {
  readonly pid: number
  readonly parent: number
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
    const [state, parent, , session] = fields
    const start = fields[19]
    if (close === -1 || start === undefined || state === 'Z' || state === 'X') return []
    const command = text.slice(text.indexOf('(') + 1, close)
    return [{ pid, parent: Number(parent), session: Number(session), start, command }]
  })
}

function fromPs(): readonly ProcessRow[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,sess=,lstart=,comm='], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, session, start, command] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined || start === undefined) return []
    // Where ps shows a pointer for the session it tells nothing: 0 matches none.
    return [{ pid: Number(pid), parent: Number(parent), session: Number(session) || 0, start, command: command ?? '' }]
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

export interface Leader {
  readonly pid: number
  readonly start: string
}

/**
 * The leader, everything whose parent is in the set, and everything in a session of which a member is in it. The leader's own
 * session counts also when it is gone; other sessions only while a member lives.
 */
export function closureOf(leader: Leader, table: readonly ProcessRow[]): readonly ProcessRow[] {
  const protectedPids = new Set([process.pid, process.ppid, 1, 0])
  const pids = new Set<number>()
  const sessions = new Set([leader.pid])
  const alive = table.find((row) => row.pid === leader.pid)
  // The pid may by now be a stranger's.
  if (alive && alive.start !== leader.start) return []
  for (let grew = true; grew; ) {
    grew = false
    for (const row of table) {
      if (pids.has(row.pid) || protectedPids.has(row.pid)) continue
      if (row.pid !== leader.pid && !pids.has(row.parent) && !sessions.has(row.session)) continue
      pids.add(row.pid)
      if (row.session !== 0) sessions.add(row.session)
      grew = true
    }
  }
  return table.filter((row) => pids.has(row.pid))
}
