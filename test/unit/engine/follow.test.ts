import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { Follower } from '../../../src/engine/follow.ts'
import type { Watcher } from '../../../src/ports/watcher.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** Remembers what it was asked to watch; a test rings for it. */
class FakeWatcher implements Watcher {
  readonly folders: string[] = []
  private readonly listeners: { ignored(path: string): boolean; onChange(path: string): void }[] = []
  private readonly onStart: () => void

  constructor(onStart: () => void = () => {}) {
    this.onStart = onStart
  }

  async watch(paths: readonly string[], ignored: (path: string) => boolean, onChange: (path: string) => void) {
    this.folders.push(...paths)
    this.onStart()
    this.listeners.push({ ignored, onChange })
    return { close: async () => {} }
  }

  change(path: string): void {
    for (const { ignored, onChange } of this.listeners) if (!ignored(path)) onChange(path)
  }
}

async function following(project: TestProject, task: string, watcher: FakeWatcher) {
  const opened = project.open()
  const rung: string[] = []
  const follower = new Follower(watcher, opened, opened.graph.nodes, (path) => rung.push(path))
  const { endings } = await project.run(task)
  opened.state.refresh()
  const failed = opened.graph.nodes.filter((node) => endings[node.name]?.state === 'failed')
  const read = new Map(failed.map((node) => [node, []]))
  await follower.follow({ outcome: 'done', endings: new Map(), ms: 0, read })
  return { rung, follower }
}

async function reading(...paths: readonly string[]): Promise<TestProject> {
  const project: TestProject = await testProject(() => [
    task('a', {
      inputs: [value(1)],
      outputs: ['made'],
      run: ({ read }) => project.write('made', paths.map((path) => read(path) ?? '').join()),
    }),
  ])
  return project
}

describe('what a run discovered', () => {
  it('is watched in its folder, or where that would be, and nothing else there wakes', async () => {
    const project = await reading('inc/a.h', 'nowhere/yet/b.h', '/etc/hostname', 'c.h')
    project.write('inc/a.h', '1')
    project.write('c.h', '1')
    const watcher = new FakeWatcher()
    const { rung } = await following(project, 'a', watcher)
    expect(watcher.folders.toSorted()).toEqual([project.root, project.path('inc')])
    const changes = ['inc/a.h', 'inc/z.h', 'nowhere/yet/b.h', 'other', 'made', 'c.h', '.git/index', 'node_modules/x']
    for (const path of changes) watcher.change(project.path(path))
    expect(rung).toEqual(['inc/a.h', 'nowhere/yet/b.h', 'c.h'])
  })

  it('and was edited before the watching began wakes by itself', async () => {
    const project = await reading('inc/a.h', 'inc/b.h')
    project.write('inc/a.h', '1')
    const { rung } = await following(project, 'a', new FakeWatcher(() => project.write('inc/a.h', '2')))
    expect(rung).toEqual(['inc/a.h'])
  })

  it('is watched where a link leads to', async () => {
    const project = await reading('link/a.h')
    mkdirSync(project.path('real'))
    project.write('real/a.h', '1')
    symlinkSync('real', project.path('link'))
    const watcher = new FakeWatcher()
    const { rung } = await following(project, 'a', watcher)
    watcher.change(project.path('real/a.h'))
    expect(rung).toEqual(['real/a.h'])
  })

  it('is watched once, however often it is found', async () => {
    const project = await reading('inc/a.h')
    project.write('inc/a.h', '1')
    const watcher = new FakeWatcher()
    const { follower } = await following(project, 'a', watcher)
    await follower.follow({ outcome: 'done', endings: new Map(), ms: 0, read: new Map() })
    expect(watcher.folders).toEqual([project.path('inc')])
  })
})

describe('a task that failed and may have read anything', () => {
  it('is woken by every edit in the project', async () => {
    const project = await testProject(() => [
      task('cc', {
        inputs: [value(1)],
        depfile: 'cc.d',
        run: () => {
          throw new Error('no such header')
        },
      }),
    ])
    const watcher = new FakeWatcher()
    const { rung, follower } = await following(project, 'cc', watcher)
    for (const path of ['new/a.h', '.lakitu/lock', 'cc.d']) watcher.change(project.path(path))
    expect(rung).toEqual(['new/a.h'])
    // Until it is well again.
    await follower.follow({ outcome: 'done', endings: new Map(), ms: 0, read: new Map() })
    watcher.change(project.path('new/b.h'))
    expect(rung).toEqual(['new/a.h'])
  })
})
