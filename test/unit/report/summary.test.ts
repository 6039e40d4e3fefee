import { expect, test } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import { noPaint } from '../../../src/report/paint.ts'
import { storyOf, storyteller } from '../../../src/report/story.ts'
import { closingText, summaryText } from '../../../src/report/summary.ts'
import { done, failed, fresh, runEnded, runStarted, start, taskEnded } from './fake-terminal.ts'

const summary = (...events: Event[]) => summaryText(storyOf(events))
const warning = (text: string, task?: string): Event => {
  const notice = { type: 'notice', at: start, level: 'warning', text } as const
  return task === undefined ? notice : { ...notice, task }
}

test('nothing to do', () => {
  expect(summary(taskEnded('a', fresh), taskEnded('b', fresh), runEnded('done', 230))).toBe(
    '✔ 2 tasks fresh, nothing to do (230 ms)\n',
  )
  expect(summary(taskEnded('a', fresh), runEnded('done', 1200))).toBe('✔ 1 task fresh, nothing to do (1.2 s)\n')
  expect(summary(runEnded('done', 3))).toBe('✔ No task, nothing to do (3 ms)\n')
})

test('what ran, slowest first, what was left out, and warnings once each', () => {
  const text = summary(
    taskEnded('venv', fresh),
    taskEnded('box', done, 4, 4100),
    taskEnded('apply', done, 70, 62_000),
    taskEnded('nomad-bin', { state: 'skipped', reason: 'no source has nomad 2.0.0' }),
    warning('The bridge was taken over', 'box'),
    warning('The bridge was taken over', 'box'),
    warning('two lines:\nsecond'),
    runEnded('done', 70_400),
  )
  expect(text).toBe(`\
ran       apply 62.0 s and box 4.1 s
left out  nomad-bin: no source has nomad 2.0.0
warning   box: The bridge was taken over
warning   two lines:
          second

✔ Done in 70.4 s: 2 ran, 1 fresh, 1 left out
`)
})

test('what was put back without a run', () => {
  const restored = { state: 'restored', changed: true, saved: 400 } as const
  const text = (whole: number) =>
    summary(
      taskEnded('copy', restored, 1, 3),
      taskEnded('whole', { ...restored, changed: false, saved: whole }, 1, 2),
      taskEnded('app', done, 2, 900),
      runEnded('done', 1000),
    )
  expect(text(500)).toContain('restored  copy and whole\n')
  expect(text(70_000)).toBe(`\
ran       app 900 ms
restored  copy and whole (70.4 s saved)

✔ Done in 1.0 s: 1 ran, 2 restored
`)
})

test('every failure in full, and what it kept from running', () => {
  const other = { code: 'E_HOST', headline: 'spiney2 does not answer', facts: {}, family: 'world' } as const
  const text = summary(
    taskEnded('box', done, 1, 900),
    taskEnded('apply', failed, 2, 12_000),
    taskEnded('ping', { state: 'failed', error: other }, 2, 500),
    taskEnded('smoke', { state: 'blocked', by: 'apply' }),
    taskEnded('demo', { state: 'blocked', by: 'apply' }),
    taskEnded('late', { state: 'blocked', by: 'ping' }),
    runEnded('failed', 13_000),
  )
  expect(text).toBe(`\
ran       box 900 ms
blocked   smoke and demo (by apply)
blocked   late (by ping)

✖ apply failed after 12.0 s
  E_ANSIBLE: The playbook failed
    role  consul
    host  spiney1
    The end of its log (all of it: .lakitu/logs/apply.log):
    │ TASK [consul : start]
    │ fatal: [spiney1]
  Next: Mend the role.

✖ ping failed after 500 ms
  E_HOST: spiney2 does not answer

✖ Failed after 13.0 s: 2 failed, 3 blocked, 1 ran
`)
})

test('stopped by a signal', () => {
  const text = summary(
    taskEnded('apply', { state: 'stopped' }),
    taskEnded('ping', { state: 'stopped' }),
    runEnded('stopped', 5000),
  )
  expect(text).toBe('stopped   apply and ping\n\n■ Stopped after 5.0 s: 2 stopped\n')
})

test('of very many tasks only the slowest', () => {
  const many = Array.from({ length: 100 }, (_, i) => taskEnded(`t${i}`, done, 1, i))
  expect(summary(...many, runEnded('done', 1000)).split('\n', 1)).toEqual([
    'ran       t99 99 ms, t98 98 ms, t97 97 ms, t96 96 ms, t95 95 ms, t94 94 ms, t93 93 ms, t92 92 ms and 92 more',
  ])
})

test('a run that begins again begins another story', () => {
  const teller = storyteller()
  for (const event of [runStarted(['a']), taskEnded('a', failed), runEnded('failed', 10)]) teller.on(event)
  for (const event of [runStarted(['a']), taskEnded('a', fresh), runEnded('done', 10)]) teller.on(event)
  expect(summaryText(teller.story())).toBe('✔ 1 task fresh, nothing to do (10 ms)\n')
})

test('set off from the rows above, if there can be any', () => {
  expect(closingText(storyOf([runEnded('done', 3)]), noPaint)).toMatch(/^✔/)
  expect(closingText(storyOf([taskEnded('a', done), runEnded('done', 3)]), noPaint)).toMatch(/^\nran/)
})
