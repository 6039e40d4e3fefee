import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { type Watched, watch } from '../../../src/engine/watch.ts'
import type { Event } from '../../../src/model/event.ts'
import { FakeWatcher } from '../../support/fake-watch.ts'
import { testProject } from '../../support/project.ts'
import { until } from '../../support/until.ts'

it('an edit of the config while it is loaded makes a watch load it once more', async () => {
  const project = await testProject(() => [task('copy', { inputs: [files('in')], run: () => {} })])
  const watcher = new FakeWatcher()
  const stopping = new AbortController()
  const events: Event[] = []
  const module = project.path('tasks.ts')
  const opened = project.open((event) => events.push(event))
  const watched: Watched = {
    project: opened,
    targets: opened.graph.nodes,
    modules: [pathToFileURL(module).href],
    observed: { places: () => [], changed: () => false },
  }
  let loads = 0
  const watching = watch({
    first: watched,
    watcher,
    signal: stopping.signal,
    run: async () => ({ outcome: 'done', endings: new Map(), read: new Map(), ms: 0 }),
    reload: async () => {
      loads += 1
      if (loads === 1) watcher.change(module)
      return watched
    },
  })
  const idles = () => events.filter(({ type }) => type === 'watch-idle').length
  await until('the first idle', () => idles() === 1)
  watcher.change(module)
  await until('the second load', () => loads === 2, 2000)
  await until('the third idle', () => idles() === 3)
  stopping.abort()
  await watching
  expect(loads).toBe(2)
})
