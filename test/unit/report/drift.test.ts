import { expect, it } from 'vitest'
import type { Event } from '../../../src/model/event.ts'
import { createReport, type ReportKind } from '../../../src/report/index.ts'
import { FakeTerminal } from './fake-terminal.ts'

const at = Date.UTC(2026, 0, 1, 3, 4, 5)
const detail = `${Array.from({ length: 14 }, (_, n) => `line ${n}`).join('\n')}\n`
const drifts = [
  { where: 'spiney1', what: 'consul: \x1b[2JTemplate', detail },
  { where: 'spiney2', what: 'nomad: Package' },
]
const events: readonly Event[] = [
  { type: 'watch-idle', at, folders: 1, healthy: true, keys: true, paused: true },
  { type: 'drift-looking', at, task: 'apply' },
  { type: 'drift-looked', at, task: 'apply', ms: 12_300, drifts: [], heals: true },
  { type: 'drift-looked', at, task: 'apply', ms: 12_300, drifts, heals: true },
  { type: 'drift-looked', at, task: 'apply', ms: 12_300, drifts: drifts.slice(1), heals: false },
]

function told(kind: ReportKind): readonly string[] {
  const terminal = new FakeTerminal()
  const report = createReport(kind, { terminal, verbosity: 'normal' })
  for (const event of events) report.on(event)
  return terminal.text.replaceAll(/^03:04:05Z {2}(apply {2})?|^apply: /gm, '').split('\n')
}

it.each<ReportKind>(['lines', 'tree'])(
  'a look at the world is told place by place, long details cut, in the %s',
  (kind) => {
    expect(told(kind)).toEqual([
      'watching 1 folder; healthy; paused   enter run · f full · c check · p pause · q quit · ? help',
      'looking whether all of it still holds',
      'all of it holds (12.3 s)',
      '2 places drifted (12.3 s): all of it is run now',
      '  spiney1  consul: \\u001b[2JTemplate',
      ...Array.from({ length: 12 }, (_, n) => `    line ${n}`),
      '    … and 2 more lines',
      '  spiney2  nomad: Package',
      '1 place drifted (12.3 s): f applies all of it',
      '  spiney2  nomad: Package',
      '',
    ])
  },
)
