import { type ProcessRow, processTable } from './process-table.ts'

/** A process, told from a later one of the same pid. */
export interface Member {
  readonly pid: number
  readonly start: string
}

/**
 * All that came from one program, as far as it was seen: what was a member once stays one when its parents are gone.
 * Nothing else would find a grandchild in a session of its own after the signal that ended those between.
 */
export class Family {
  readonly leader: Member
  readonly home: number
  private readonly seen = new Map<number, string>()
  private readonly table: () => readonly ProcessRow[]

  /** `home`: the session that lakitu is in. A program that was lent the terminal runs in it, and so does the user's shell. */
  constructor(leader: Member, home: number, table = processTable) {
    this.leader = leader
    this.home = home
    this.table = table
    this.remember([leader])
  }

  /** Those that are alive now. */
  look(): readonly ProcessRow[] {
    const members = closureOf(this, this.seen, this.table())
    this.remember(members)
    return members
  }

  /** Everybody that was ever seen. */
  get known(): readonly Member[] {
    return [...this.seen].map(([pid, start]) => ({ pid, start }))
  }

  remember(members: readonly Member[]): void {
    for (const { pid, start } of members) this.seen.set(pid, start)
  }
}

/**
 * Those known that are alive, everything whose parent is in the set, and everything in a session of which a member is in it.
 * The leader's own session counts also when the leader is gone, lakitu's own never.
 */
export function closureOf(
  { leader, home }: Pick<Family, 'leader' | 'home'>,
  seen: ReadonlyMap<number, string>,
  table: readonly ProcessRow[],
): readonly ProcessRow[] {
  const untouchable = new Set([process.pid, process.ppid, 1, 0])
  const leading = table.find((row) => row.pid === leader.pid)
  // The pid may by now be a stranger's.
  const sessions = new Set(leading && leading.start !== leader.start ? [] : [leader.pid])
  const pids = new Set<number>()
  for (let grew = true; grew; ) {
    grew = false
    for (const row of table) {
      if (pids.has(row.pid) || untouchable.has(row.pid)) continue
      if (seen.get(row.pid) !== row.start && !pids.has(row.parent) && !sessions.has(row.session)) continue
      pids.add(row.pid)
      if (row.session !== 0 && row.session !== home) sessions.add(row.session)
      grew = true
    }
  }
  return table.filter((row) => pids.has(row.pid))
}

/** When a process started; undefined when it is gone. */
export function startOf(pid: number): string | undefined {
  return processTable().find((row) => row.pid === pid)?.start
}
