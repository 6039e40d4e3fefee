import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { eventsOf, idle, idles, isIdle, ranIn, stop, watching } from '../support/watching.ts'

const tasks = `import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { a: files('in') }, outputs: ['out'],
  command: ['sh', '-c', 'cp in out; echo ran >> log; grep -q slow in && until [ -e go ]; do sleep 0.02; done; true'] })
`

it('two watches on one tree say so, live both, and work one at a time', async () => {
  const project = await cliProject(tasks, { in: '1' })
  const first = await watching(project, 'copy')
  const second = await watching(project, 'copy')
  const notices = (running: typeof first) => eventsOf(running).flatMap((e) => (e.type === 'notice' ? [e.text] : []))
  const other = `lakitu watch copy (pid ${first.pid}) is on this tree, too: both keep it up to date, one at a time`
  expect([notices(first), notices(second)]).toEqual([[], [other]])
  project.write('in', 'slow\n')
  const waits = (running: typeof first) =>
    notices(running).filter((text) => text.startsWith('waiting for lakitu watch copy (pid '))
  await until('one to wait for the other', () => waits(first).length + waits(second).length === 1)
  project.write('go', '')
  await until('both to be idle', () => [first, second].every((running) => idles(running) > 1 && isIdle(running)))
  expect(project.read('log')).toBe('ran\nran\n')
  expect(ranIn([...eventsOf(first), ...eventsOf(second)])).toEqual(['copy', 'copy'])
  await stop(first)
  project.write('in', '3')
  await idle(second, idles(second) + 1)
  expect(project.read('out')).toBe('3')
  const third = await watching(project, 'copy')
  await until('the third to know of the second', () => notices(third)[0]?.includes(`(pid ${second.pid})`))
  await stop(second)
  await stop(third)
})
