import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import { createReport } from '../../../src/report/index.ts'
import type { Verbosity } from '../../../src/report/words.ts'
import {
  done,
  FakeTerminal,
  failed,
  fresh,
  log,
  runEnded,
  runStarted,
  start,
  taskEnded,
  taskStarted,
} from './fake-terminal.ts'

async function play(events: readonly Event[], verbosity: Verbosity = 'normal') {
  const terminal = new FakeTerminal()
  const report = createReport('tree', { terminal, verbosity })
  const tell = async (more: readonly Event[]) => {
    for (const event of more) report.on(event)
    await setImmediate()
  }
  await tell(events)
  return { terminal, report, tell }
}

const progress = (s: number, bytes: number): Event => ({
  type: 'task-progress',
  at: start + s * 1000,
  task: 'nomad-bin',
  progress: { text: 'nomad.zip', done: bytes, total: 50_000_000, unit: 'bytes' },
})

test('a row for each task that runs, and one that counts', async () => {
  const { terminal, tell } = await play([
    runStarted(['venv', 'box', 'nomad-bin', 'apply']),
    { type: 'task-checking', at: start, task: 'venv' },
    taskEnded('venv', fresh),
    taskStarted('box', 0, { about: 'The box', attempt: 2 }),
    taskStarted('nomad-bin'),
  ])
  expect(terminal.screen()).toEqual(['1 fresh, 2 running, 1 to go', 'box (attempt 2) | The box', 'nomad-bin'])
  await tell([log('box', '\u001b[32mI:\u001b[0m Unpacking', 1), progress(1, 10_000_000), progress(2, 25_000_000)])
  expect(terminal.screen()).toEqual([
    '1 fresh, 2 running, 1 to go',
    'box (attempt 2) | The box | I: Unpacking',
    'nomad-bin | ━━━━━━━━━━──────────   50 %  25 MB of 50 MB  15 MB/s  nomad.zip',
  ])
  await tell([taskEnded('nomad-bin', done, 3, 3000), taskEnded('box', failed, 4, 4000)])
  expect(terminal.screen()).toEqual(['1 failed, 1 fresh, 1 done, 1 to go'])
  expect(terminal.text).toBe(`\
<tree 1>
<done> nomad-bin | 3.0 s
<failed> box | 4.0 s | E_ANSIBLE: The playbook failed
`)
})

test('a task that tells its progress is not talked over by its programs', async () => {
  const apply: Event = {
    type: 'task-progress',
    at: start,
    task: 'apply',
    progress: { text: 'consul : start (spiney1)' },
  }
  const { terminal } = await play([
    runStarted(['apply']),
    taskStarted('apply'),
    log('apply', 'ok: [spiney1]'),
    apply,
    log('apply', 'ok: [spiney2]'),
  ])
  expect(terminal.screen()).toEqual(['1 running', 'apply | consul : start (spiney1)'])
})

test('what is being checked, while nothing runs', async () => {
  const checking = ['a', 'b', 'c', 'd'].map((task): Event => ({ type: 'task-checking', at: start, task }))
  const { terminal } = await play([runStarted(['a', 'b', 'c', 'd', 'e']), ...checking, taskEnded('a', fresh)])
  expect(terminal.screen()).toEqual(['checking b, c and d; 1 fresh, 4 to go'])
})

test('a run with nothing to do leaves one line', async () => {
  const { terminal, report } = await play([runStarted(['a']), taskEnded('a', fresh), runEnded('done', 20)])
  await report.close()
  expect(terminal.text).toBe('✔ 1 task fresh, nothing to do (20 ms)\n<tree 1>\n</tree>\n')
  expect(terminal.flushed).toBe(1)
})

test('notes and notices stay above the tree; verbose, so does every line', async () => {
  const events: Event[] = [
    runStarted(['box']),
    taskStarted('box'),
    log('box', 'I: Unpacking'),
    log('box', 'taken over', 0, 'note'),
    { type: 'notice', at: start, level: 'warning', text: 'an old bridge', task: 'box' },
    { type: 'notice', at: start, level: 'info', text: 'hello' },
  ]
  const rest = 'box › taken over\nwarning: box: an old bridge\nhello\n<tree 1>\n'
  expect((await play(events)).terminal.text).toBe(rest)
  expect((await play(events, 'verbose')).terminal.text).toBe(`box │ I: Unpacking\n${rest}`)
})

test('left out, stopped, blocked', async () => {
  const { terminal, tell } = await play([runStarted(['a', 'b', 'c', 'd', 'e']), taskStarted('a'), taskStarted('b')])
  await tell([
    taskEnded('c', { state: 'skipped', reason: 'nowhere to be had' }),
    taskEnded('a', { state: 'stopped' }),
    taskEnded('e', { state: 'stopped' }),
    taskEnded('d', { state: 'blocked', by: 'a' }),
    runEnded('stopped', 100),
  ])
  expect(terminal.text).toBe(`\
<tree 1>
<skipped> c | left out | nowhere to be had
<skipped> a | stopped

left out  c: nowhere to be had
blocked   d (by a)
stopped   a and e

■ Stopped after 100 ms: 1 blocked, 2 stopped, 1 left out
</tree>
`)
})

test('watching: a tree for each run, one after the other', async () => {
  const run = [runStarted(['a']), taskStarted('a'), taskEnded('a', done, 1), runEnded('done', 1000)]
  const idle: Event = { type: 'watch-idle', at: start, folders: 2, healthy: true }
  const { terminal, tell } = await play([...run, idle])
  await tell([{ type: 'watch-woken', at: start, paths: ['a.c', 'b.c'] }, ...run])
  const text = terminal.text.replace(/\nran .*\n\n/g, '')
  expect(text.match(/<tree \d>|<\/tree>|watching.*|changed.*/g)).toEqual([
    'watching 2 folders; healthy',
    '<tree 1>',
    '</tree>',
    'changed: a.c and b.c',
    '<tree 2>',
    '</tree>',
  ])
})

test('where there is no terminal, or all is to be quiet, there are lines', async () => {
  const terminal = new FakeTerminal()
  terminal.isTerminal = false
  const report = createReport('tree', { terminal, verbosity: 'normal' })
  for (const event of [runStarted(['a']), taskStarted('a')]) report.on(event)
  expect(terminal.text).toBe('03:04:05Z  a  started: never ran here\n')
  expect((await play([runStarted(['a']), taskStarted('a')], 'quiet')).terminal.text).toBe('')
})

test('restored: a row though it never ran', async () => {
  const { terminal } = await play([
    runStarted(['a', 'b']),
    taskEnded('a', { state: 'restored', changed: true, saved: 0 }),
  ])
  expect(terminal.text).toContain('<done> a | restored')
  expect(terminal.screen()).toContain('1 restored, 1 to go')
})
