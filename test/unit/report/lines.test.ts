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

function lines(verbosity: Verbosity, events: readonly Event[], terminal = new FakeTerminal()): string {
  const report = createReport('lines', { terminal, verbosity })
  for (const event of events) report.on(event)
  return terminal.text
}

const story: Event[] = [
  runStarted(['venv', 'box', 'apply', 'smoke-test']),
  { type: 'task-checking', at: start, task: 'venv' },
  taskEnded('venv', fresh),
  taskStarted('box', 1),
  log('box', 'I: Unpacking', 1),
  log('box', 'taken over', 2, 'note'),
  { type: 'notice', at: start + 2000, level: 'warning', text: 'an old bridge\nwas there', task: 'box' },
  taskEnded('box', { state: 'done', changed: false }, 5, 4000),
  taskStarted('apply', 5, { attempt: 2 }),
  taskEnded('apply', failed, 6, 1000),
  taskEnded('smoke-test', { state: 'blocked', by: 'apply' }, 6, 0),
  runEnded('failed', 6000),
]

const ending = `
ran       box 4.0 s
blocked   smoke-test (by apply)
warning   box: an old bridge
          was there

✖ apply failed after 1.0 s
  E_ANSIBLE: The playbook failed
    role  consul
    host  spiney1
    The end of its log (all of it: .lakitu/logs/apply.log):
    │ TASK [consul : start]
    │ fatal: [spiney1]
  Next: Mend the role.

✖ Failed after 6.0 s: 1 failed, 1 blocked, 1 ran, 1 fresh
`

test('a line for what happens, with its time and task', () => {
  expect(lines('normal', story)).toBe(`\
03:04:06Z  box         started: never ran here
03:04:07Z  box         taken over
03:04:07Z  box         warning: an old bridge
03:04:07Z  box           was there
03:04:10Z  box         done, same result (4.0 s)
03:04:10Z  apply       started, attempt 2: never ran here
03:04:11Z  apply       failed (1.0 s): E_ANSIBLE: The playbook failed
03:04:11Z  smoke-test  blocked by apply
${ending}`)
})

test('quiet: failures and the summary', () => {
  expect(lines('quiet', story)).toBe(`\
03:04:11Z  apply       failed (1.0 s): E_ANSIBLE: The playbook failed
${ending}`)
})

test('verbose: every line of the logs, of one task after the other', () => {
  const events = [
    runStarted(['a', 'b', 'c', 'd']),
    taskStarted('a'),
    taskStarted('b'),
    taskStarted('c'),
    log('a', 'a1', 1),
    log('b', 'b1', 1),
    log('c', 'c1', 2),
    log('a', '\u001b[1ma2\u001b[0m', 2),
    taskEnded('b', done, 3),
    log('c', 'c2', 3),
    taskEnded('a', done, 4),
    log('c', 'c3', 4),
    taskEnded('c', done, 5),
    taskEnded('d', fresh, 5, 2),
  ]
  expect(lines('verbose', events)).toBe(`\
03:04:05Z  a  started: never ran here
03:04:05Z  b  started: never ran here
03:04:05Z  c  started: never ran here
03:04:06Z  a  │ a1
03:04:07Z  a  │ a2
03:04:06Z  b  │ b1
03:04:08Z  b  done (1.0 s)
03:04:09Z  a  done (1.0 s)
03:04:07Z  c  │ c1
03:04:08Z  c  │ c2
03:04:09Z  c  │ c3
03:04:10Z  c  done (1.0 s)
03:04:10Z  d  fresh
`)
})

test('what a task held back comes out at the end of the run', () => {
  const events = [taskStarted('a'), taskStarted('b'), log('a', 'a1'), log('b', 'b1'), runEnded('stopped', 1)]
  expect(lines('verbose', events)).toContain('a  │ a1\n03:04:05Z  b  │ b1\n\n■ Stopped')
})

test('progress now and then', () => {
  const progress = (s: number, bytes: number): Event => ({
    type: 'task-progress',
    at: start + s * 1000,
    task: 'nomad-bin',
    progress: { text: 'nomad.zip', done: bytes, total: 50_000_000, unit: 'bytes' },
  })
  const seconds = Array.from({ length: 25 }, (_, s) => progress(s, s * 2_000_000))
  expect(lines('normal', [taskStarted('nomad-bin'), ...seconds])).toBe(`\
03:04:05Z  nomad-bin  started: never ran here
03:04:15Z  nomad-bin  40 %  20 MB of 50 MB  2.0 MB/s  nomad.zip
03:04:25Z  nomad-bin  80 %  40 MB of 50 MB  2.0 MB/s  nomad.zip
`)
})

test('only the first reasons, and how many more there are', () => {
  const event: Event = {
    type: 'task-started',
    at: start,
    task: 'app',
    attempt: 1,
    logFile: 'x',
    reasons: [
      { kind: 'fact', path: ['inputs', 'src', 'a.c'], change: 'changed' },
      { kind: 'need-ran', task: 'gen' },
      { kind: 'forced' },
    ],
  }
  expect(lines('normal', [event])).toBe(
    '03:04:05Z  app  started: inputs › src › a.c changed; gen ran; and 1 more reason\n',
  )
  expect(lines('verbose', [event])).toBe('03:04:05Z  app  started: inputs › src › a.c changed; gen ran; forced\n')
})

test('watching', () => {
  const events: Event[] = [
    { type: 'watch-idle', at: start, folders: 12, healthy: true },
    { type: 'watch-woken', at: start + 1000, paths: ['ansible/roles/consul/templates/consul.hcl.j2'] },
    { type: 'watch-idle', at: start + 2000, folders: 1, healthy: false },
  ]
  expect(lines('normal', events)).toBe(`\
03:04:05Z  watching 12 folders; healthy
03:04:06Z  changed: ansible/roles/consul/templates/consul.hcl.j2
03:04:07Z  watching 1 folder; not healthy
`)
  expect(lines('quiet', events)).toBe('')
})

test('times of the clock on the wall, where its offset is known', () => {
  const terminal = new FakeTerminal()
  const report = createReport('lines', { terminal, verbosity: 'normal', utcOffset: () => -210 })
  report.on(taskStarted('box'))
  expect(terminal.text).toBe('23:34:05  box  started: never ran here\n')
})

test('closing flushes', async () => {
  const terminal = new FakeTerminal()
  await createReport('lines', { terminal, verbosity: 'normal' }).close()
  expect(terminal.flushed).toBe(1)
})
