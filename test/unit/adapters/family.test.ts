import { describe, expect, it } from 'vitest'
import { Family } from '../../../src/adapters/processes/family.ts'
import type { ProcessRow } from '../../../src/adapters/processes/process-table.ts'

const home = 500
const leader = { pid: 9_000_001, start: 'a' }

/** `parent:session:group` of each pid, counted from 9,000,000. */
function row(pid: number, parent: number, session: number, start = 'a'): ProcessRow {
  const [p, above, s] = [pid, parent, session].map((n) => (n < 100 ? n + 9_000_000 : n)) as [number, number, number]
  return { pid: p, parent: above, group: s, session: s, start, command: 'x' }
}

/** Who is in the family after each look at these tables. */
function looks(...tables: readonly (readonly ProcessRow[])[]): readonly (readonly number[])[] {
  let now = 0
  const family = new Family(leader, home, () => tables[now] ?? [])
  return tables.map((_, i) => {
    now = i
    return family.look().map(({ pid }) => pid - 9_000_000)
  })
}

describe('a family', () => {
  it('is the leader, what has its parent in it, and what is in a session of a member', () => {
    const table = [row(1, 600, 1), row(2, 1, 1), row(3, 2, 3), row(4, 1_000, 3), row(5, 600, 5)]
    expect(looks(table)).toEqual([[1, 2, 3, 4]])
  })

  it('keeps what it saw once when those between are gone', () => {
    const before = [row(1, 600, 1), row(2, 1, 1), row(3, 2, 3)]
    const after = [row(3, 1_000, 3), row(4, 3, 4)]
    expect(looks(before, after)).toEqual([
      [1, 2, 3],
      [3, 4],
    ])
    expect(looks(after)).toEqual([[]])
  })

  it('knows the session of its leader also when the leader is gone', () => {
    expect(looks([row(2, 1_000, 1)])).toEqual([[2]])
  })

  it('is not fooled by pids that are used again', () => {
    expect(looks([row(1, 600, 1, 'later'), row(2, 1, 1)])).toEqual([[]])
    const before = [row(1, 600, 1), row(3, 1, 3)]
    expect(looks(before, [row(3, 600, 3, 'later')])).toEqual([[1, 3], []])
  })

  it("never takes lakitu's own session as a whole: a program that was lent the terminal is in it", () => {
    const table = [row(1, process.pid, home), row(2, 1, home), row(5, 600, home)]
    expect(looks(table)).toEqual([[1, 2]])
  })
})
