import { expect, test } from 'vitest'
import { LakituError, reportOf } from '../../../src/model/error.ts'
import { errorLine, errorText } from '../../../src/report/error-text.ts'
import { paint } from '../../../src/report/paint.ts'

const wrongSum = new LakituError({
  code: 'E_WRONG_SUM',
  headline: 'The download is not what was expected',
  facts: { file: 'nomad.zip', expected: 'aaaa', got: 'bbbb\ncccc', left: undefined },
  next: 'Remove the mirror, then run:\nlakitu nomad-bin',
})

test('code and headline, aligned facts, the next step', () => {
  expect(errorText(reportOf(wrongSum))).toBe(`\
E_WRONG_SUM: The download is not what was expected
  file      nomad.zip
  expected  aaaa
  got       bbbb
            cccc
Next: Remove the mirror, then run:
  lakitu nomad-bin
`)
})

test('the end of the log, as it would stand on a page, and where the whole of it is', () => {
  const tail = ['\u001b[31mred\u001b[0m', ' 10%\r 90%\r100%', '\tindented \u0007', '']
  const report = reportOf(new LakituError({ code: 'E_EXIT', headline: 'cc ended with 1' }))
  expect(errorText(report, { logFile: '.lakitu/logs/app.log', tail })).toBe(`\
E_EXIT: cc ended with 1
  The end of its log (all of it: .lakitu/logs/app.log):
  │ red
  │ 100%
  │   indented
  │
`)
  expect(errorText(report, { logFile: '.lakitu/logs/app.log', tail: [] })).toBe(`\
E_EXIT: cc ended with 1
  Its log: .lakitu/logs/app.log
`)
})

test('only the last lines of a long tail', () => {
  const tail = Array.from({ length: 50 }, (_, i) => `line ${i}`)
  const lines = errorText(reportOf(wrongSum), { tail }).split('\n')
  expect(lines.filter((line) => line.includes('│'))).toHaveLength(20)
  expect(lines).toContain('  │ line 49')
})

test('a stack only of errors that nobody planned', () => {
  const stack = 'TypeError: x is not a function\n    at run (tasks/a.ts:3:5)\n    at go (tasks/b.ts:1:1)'
  const report = { code: 'E_UNEXPECTED', headline: 'TypeError: x is not a function', facts: {}, stack } as const
  expect(errorText({ ...report, family: 'task' })).toBe(`\
E_UNEXPECTED: TypeError: x is not a function
  at run (tasks/a.ts:3:5)
  at go (tasks/b.ts:1:1)
`)
  expect(errorText({ ...report, code: 'E_CYCLE', family: 'usage' })).toBe(`\
E_CYCLE: TypeError: x is not a function
`)
})

test('one line for rows', () => {
  expect(errorLine({ ...reportOf(wrongSum), headline: 'first\nsecond' })).toBe('E_WRONG_SUM: first')
})

test('colours, where the terminal has them', () => {
  const report = reportOf(new LakituError({ code: 'E_X', headline: 'no', next: 'Go on.' }))
  expect(errorText(report, {}, paint(true))).toBe('\u001b[31mE_X:\u001b[39m no\n\u001b[1mNext:\u001b[22m Go on.\n')
})
