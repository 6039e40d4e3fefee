import { linkSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { type Context, effect, files, task } from '../../../src/index.ts'
import { FakeWatch, realRun } from '../../support/fake-watch.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** A watch of an effect that needs what `need` makes of the same file, and of what needs the effect. */
async function watched(during: (project: TestProject, context: Context, times: number) => void) {
  let times = 0
  const project = await testProject(() => {
    const need = task('need', {
      inputs: { in: files('in') },
      outputs: ['made'],
      run: () => project.write('made', project.read('in')),
    })
    const up = effect('up', {
      needs: { need },
      inputs: { in: files('in') },
      probe: () => 1,
      run: (context) => {
        times += 1
        during(project, context, times)
      },
    })
    return [need, up, task('use', { needs: { up }, run: () => {} })]
  })
  project.write('in', '0')
  const watching = new FakeWatch(project, realRun)
  onTestFinished(() => watching.stopping.abort())
  await watching.idle(1)
  const failed = () =>
    watching.events.flatMap((event) => (event.type === 'task-ended' && event.ending.state === 'failed' ? [event] : []))
  return { project, watching, failed, ran: () => times }
}

it('an effect in a watch does not fail, however often somebody edits what it reads while it runs', async () => {
  const previous: unknown[] = []
  const made: string[] = []
  const { project, watching, failed } = await watched((on, context, times) => {
    previous.push([context.previous?.outcome, context.previous?.changes?.length])
    made.push(on.read('made'))
    if (times > 1 && times < 6) {
      on.write('in', `${times}`)
      watching.watcher.change(on.path('in'))
    }
  })
  watching.edit('in', '1')
  await watching.idle(2)
  expect(failed()).toEqual([])
  // What its need made of the edit is there before it runs again.
  expect([made, project.read('made')]).toEqual([['0', '1', '2', '3', '4', '5'], '5'])
  expect(previous).toEqual([
    [undefined, undefined],
    ['done', 2],
    ['moved', 2],
    ['moved', 2],
    ['moved', 2],
    ['moved', 2],
  ])
  expect(watching.notices).toEqual(Array(4).fill('in changed while it ran: it is planned again right after'))
  expect(watching.events.at(-1)).toMatchObject({ type: 'watch-idle', healthy: true })
  expect((await project.run('use')).ran).toEqual([])
})

it('also where nobody hears of these edits, but not for ever', async () => {
  const { project, watching, ran } = await watched((on, _context, times) => {
    if (times > 1) on.write('in', `${times}`)
  })
  watching.edit('in', '1')
  await watching.idle(2)
  const warnings = watching.events.flatMap((event) =>
    event.type === 'notice' && event.level === 'warning' ? [event.text] : [],
  )
  const text = 'in changes in each of its runs; if it writes that itself: rewrites: files("in")'
  expect([ran(), warnings]).toEqual([11, [text]])
  expect(project.read('made')).toBe('10')
  expect(watching.events.at(-1)).toMatchObject({ type: 'watch-idle', healthy: false })
})

it('and what is only touched in each run is recorded, with a word', async () => {
  const { project, watching, ran } = await watched((on, _context, times) =>
    linkSync(on.path('in'), on.path(`backup-${times}`)),
  )
  expect(ran()).toBe(2)
  expect(watching.notices).toEqual([expect.stringContaining('something touched in while up ran, twice')])
  expect((await project.run('use')).ran).toEqual([])
})

it('that something moved is a reason of its own for the run after it', async () => {
  const { watching } = await watched((on, _context, times) => {
    if (times === 1) on.write('in', '1')
  })
  const started = watching.events.flatMap((event) =>
    event.type === 'task-started' && event.task === 'up' ? [event] : [],
  )
  expect(started.map(({ attempt, reasons }) => [attempt, reasons])).toEqual([
    [1, [{ kind: 'never-ran' }]],
    [1, [{ kind: 'last-attempt', outcome: 'moved' }]],
  ])
})
