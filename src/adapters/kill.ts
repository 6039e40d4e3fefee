import { closureOf, type Leader, markedProcesses, processTable } from './process-table.ts'

/** The last step of the ladder: stops the whole closure so that nothing forks away, then kills it and what carries the mark. */
export function killClosure(leader: Leader, sweepMark: string | undefined): void {
  const stopped = new Set<number>()
  for (;;) {
    const fresh = closureOf(leader, processTable()).filter((row) => !stopped.has(row.pid))
    if (fresh.length === 0) break
    for (const { pid } of fresh) {
      signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  for (const pid of stopped) signal(pid, 'SIGKILL')
  if (sweepMark === undefined) return
  // Again until nothing new shows: one may be forking just now.
  for (let round = 0; round < 20; round += 1) {
    const marked = markedProcesses(sweepMark)
    if (marked.length === 0) return
    for (const pid of marked) signal(pid, 'SIGKILL')
  }
}

/** To one process, or with a negative pid to its group; one that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error
  }
}

/** When a process started, for telling it from a later one of the same pid; undefined when it is gone. */
export function startOf(pid: number): string | undefined {
  return processTable().find((row) => row.pid === pid)?.start
}
