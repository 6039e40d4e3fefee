import { describe, expect, test } from 'vitest'
import { Groups } from '../../../src/report/groups.ts'
import { createReport } from '../../../src/report/index.ts'
import { Meter, progressText } from '../../../src/report/progress.ts'
import { tableText } from '../../../src/report/table.ts'
import { endingText, timeOfDay } from '../../../src/report/words.ts'
import { done, FakeTerminal, runStarted, taskEnded } from './fake-terminal.ts'

describe('table', () => {
  const rows = [
    ['apply', 'stale', 'Consul and Nomad on all hosts'],
    ['vm-up', 'fresh', ''],
    ['日本', '', 'wide'],
  ]

  test('columns as wide as their widest cell', () => {
    expect(tableText(rows, { heads: ['task', 'state', 'about'] })).toBe(`\
task   state  about
apply  stale  Consul and Nomad on all hosts
vm-up  fresh
日本          wide
`)
  })

  test('cut to the width of the terminal, with one column to spare', () => {
    expect(tableText(rows, { columns: 30, indent: 2 })).toBe(`\
  apply  stale  Consul and N…
  vm-up  fresh
  日本          wide
`)
    expect(tableText(rows, { columns: 10 })).toBe('apply  s…\nvm-up  f…\n日本\n')
    expect(tableText(rows, { columns: 5 })).toBe('app…\nvm-…\n日本\n')
  })

  test('cells are painted when they have their width', () => {
    expect(
      tableText(
        [
          ['a', 'b'],
          ['cc', 'd'],
        ],
        { paint: (cell, i) => (i === 0 ? `<${cell}>` : cell) },
      ),
    ).toBe('<a   >b\n<cc  >d\n')
  })
})

describe('progress', () => {
  test('with a bar, with an amount, with words only', () => {
    const zip = { text: 'a.zip', done: 1_500_000, total: 3_000_000, unit: 'bytes' } as const
    expect(progressText(zip, { bar: 10, rate: 250_000 })).toBe('━━━━━─────   50 %  1.5 MB of 3.0 MB  250 kB/s  a.zip')
    // What the download itself says is steadier than what is measured from outside.
    expect(progressText({ ...zip, rate: 24e6 }, { bar: 0, rate: 1 })).toBe('50 %  1.5 MB of 3.0 MB  24 MB/s  a.zip')
    expect(progressText(zip, { bar: 0 })).toBe('50 %  1.5 MB of 3.0 MB  a.zip')
    expect(progressText({ text: 'a.zip', done: 512, unit: 'bytes' }, { bar: 10 })).toBe('512 B  a.zip')
    expect(progressText({ text: 'hosts', done: 1, total: 3, unit: 'steps' }, { bar: 3 })).toBe(
      '━──   33 %  1 of 3  hosts',
    )
    expect(progressText({ text: 'role : task' }, { bar: 10 })).toBe('role : task')
    expect(progressText({ text: '', done: 9, total: 3 }, { bar: 3 })).toBe('━━━  100 %  9 of 3')
  })

  test('the rate is that of the last seconds, and begins anew with another text', () => {
    const meter = new Meter()
    const rate = (s: number, n: number, text = 'a') => meter.rate(s * 1000, { text, done: n })
    expect(rate(0, 0)).toBeUndefined()
    expect(rate(1, 100)).toBe(100)
    expect(rate(2, 200)).toBe(100)
    for (let s = 3; s < 9; s += 1) rate(s, 200)
    expect(rate(9, 200)).toBe(0)
    expect(rate(10, 700)).toBe(100)
    expect(rate(11, 5, 'b')).toBeUndefined()
    expect(rate(12, 3, 'b')).toBeUndefined()
  })
})

describe('groups', () => {
  test('a task that talks too much behind another is let out', () => {
    const groups = new Groups()
    expect(groups.line('a', 'a1')).toEqual(['a1'])
    for (let i = 1; i < 5000; i += 1) expect(groups.line('b', `b${i}`)).toEqual([])
    expect(groups.line('b', 'b5000')).toHaveLength(5000)
    expect(groups.line('b', 'b5001')).toEqual([])
    expect(groups.rest()).toEqual(['b5001'])
    expect(groups.rest()).toEqual([])
  })
})

test('ndjson: every event as it is, one a line', async () => {
  const terminal = new FakeTerminal()
  const events = [runStarted(['a']), taskEnded('a', done)]
  const report = createReport('ndjson', { terminal, verbosity: 'quiet' })
  for (const event of events) report.on(event)
  await report.close()
  expect(terminal.text.endsWith('\n')).toBe(true)
  expect(
    terminal.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(events)
})

test('words for each ending', () => {
  expect(endingText({ state: 'done', changed: true }, 1500)).toBe('done (1.5 s)')
  expect(endingText({ state: 'done', changed: false }, 15)).toBe('done, same result (15 ms)')
  expect(endingText({ state: 'skipped', reason: 'no source' }, 0)).toBe('left out: no source')
  expect(endingText({ state: 'restored', changed: true, saved: 0 }, 12)).toBe('restored (12 ms)')
  expect(endingText({ state: 'restored', changed: false, saved: 0 }, 12)).toBe('restored, same result (12 ms)')
  expect(endingText({ state: 'blocked', by: 'box' }, 0)).toBe('blocked by box')
  expect(endingText({ state: 'stopped' }, 10)).toBe('stopped')
  expect(endingText({ state: 'fresh' }, 10)).toBe('fresh')
})

test('time of day, over midnight either way', () => {
  expect(timeOfDay(0)).toBe('00:00:00Z')
  expect(timeOfDay(0, 0)).toBe('00:00:00')
  expect(timeOfDay(0, -1)).toBe('23:59:00')
  expect(timeOfDay(86_399_999, 120)).toBe('01:59:59')
})
