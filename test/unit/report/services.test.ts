import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import { createReport } from '../../../src/report/index.ts'
import { done, FakeTerminal, fresh, log, runEnded, runStarted, start, taskEnded, taskStarted } from './fake-terminal.ts'

const told = (type: 'service-ready' | 'service-stopped', s: number): Event => ({
  type,
  at: start + s * 1000,
  task: 'mirror',
  ms: s * 1000,
})

const story: readonly Event[] = [
  runStarted(['mirror', 'get']),
  taskStarted('mirror', 0, { about: 'Releases' }),
  log('mirror', 'port 81', 1),
  told('service-ready', 1),
  taskStarted('get', 1),
  log('get', 'got', 2),
  log('mirror', 'GET /a', 2),
  taskEnded('get', done, 2),
  told('service-stopped', 3),
  taskEnded('mirror', { state: 'served' }, 3, 3000),
  runEnded('done', 3000),
]

function lines(verbosity: 'normal' | 'verbose' | 'quiet', events: readonly Event[]): string {
  const terminal = new FakeTerminal()
  const report = createReport('lines', { terminal, verbosity })
  for (const event of events) report.on(event)
  return terminal.text
}

const ending = `
ran       get 1.0 s
served    mirror

✔ Done in 3.0 s: 1 ran, 1 served
`

test('lines: a service is ready, and at the end of the run it stops', () => {
  expect(lines('normal', story)).toBe(`\
03:04:05Z  mirror  started: never ran here
03:04:06Z  mirror  ready (1.0 s)
03:04:06Z  get     started: never ran here
03:04:07Z  get     done (1.0 s)
03:04:08Z  mirror  stopped, was up (3.0 s)
${ending}`)
  expect(lines('quiet', story)).toBe(ending)
})

test('lines: what a service says while it is ready keeps no lines of others back', () => {
  expect(lines('verbose', story.slice(0, -3))).toBe(`\
03:04:05Z  mirror  started: never ran here
03:04:06Z  mirror  │ port 81
03:04:06Z  mirror  ready (1.0 s)
03:04:06Z  get     started: never ran here
03:04:07Z  get     │ got
03:04:07Z  mirror  │ GET /a
03:04:07Z  get     done (1.0 s)
`)
})

test('a service that nothing needed is not worth a word', () => {
  const idle = [runStarted(['mirror', 'get']), taskEnded('get', fresh), taskEnded('mirror', { state: 'idle' })]
  expect(lines('normal', [...idle, runEnded('done', 9)])).toBe('✔ 1 task fresh, nothing to do (9 ms)\n')
  const up = [runStarted(['mirror', 'get']), taskEnded('get', fresh), taskEnded('mirror', { state: 'served' })]
  expect(lines('normal', [...up, runEnded('done', 9)])).toBe('✔ 1 task fresh, nothing to do (9 ms)\n')
})

test('tree: its row stays as long as it is up', async () => {
  const terminal = new FakeTerminal()
  const report = createReport('tree', { terminal, verbosity: 'normal' })
  const tell = async (events: readonly Event[]) => {
    for (const event of events) report.on(event)
    await setImmediate()
  }
  await tell(story.slice(0, 3))
  expect(terminal.screen()).toEqual(['1 running, 1 to go', 'mirror | Releases | port 81'])
  await tell(story.slice(3, 8))
  expect(terminal.screen()).toEqual(['1 done, 1 running', 'mirror | ready | GET /a'])
  await tell(story.slice(8, 10))
  expect(terminal.text).toContain('<done> mirror | served 3.0 s\n')
})
