import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { sqliteLocks } from '../../../src/adapters/sqlite-lock.ts'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { run } from '../../../src/engine/run.ts'
import type { TaskSource } from '../../../src/model/config.ts'
import { ProjectState } from '../../../src/state/project.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** Holds the lock as another lakitu would. */
function otherLakitu(project: TestProject) {
  const held = sqliteLocks.take(project.path('.lakitu'), {
    pid: 4711,
    command: 'apply',
    since: project.clock.now() - 1200,
  })
  if (!held) throw new Error('the lock is not free')
  return held
}

describe('a second lakitu in the same folder', () => {
  it('waits, says for whom, and then checks everything again', async () => {
    let running = 0
    let most = 0
    const order: string[] = []
    const project = await testProject((): TaskSource => {
      const counted = (name: string) =>
        task(name, {
          inputs: { src: files('src') },
          run: async () => {
            order.push(name)
            running += 1
            most = Math.max(most, running)
            await new Promise((resolve) => setImmediate(resolve))
            running -= 1
          },
        })
      return [counted('a'), counted('b'), counted('c')]
    })
    const other = otherLakitu(project)
    const done = await project.run(['a', 'b', 'c'], {
      jobs: 3,
      onEvent: (event) => event.type === 'notice' && setImmediate(() => other.release()),
    })
    const notices = done.events.filter((event) => event.type === 'notice').map(({ text }) => text)
    expect(notices).toEqual(['waiting for lakitu apply (pid 4711, for 1.2 s) in this folder'])
    expect([done.outcome, order.toSorted(), most]).toEqual(['done', ['a', 'b', 'c'], 3])
    expect(done.ran.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('finds fresh after the wait what the other one did', async () => {
    const tasks = () => [task('a', { inputs: [value(1)], run: () => 1 })]
    const [project, twin] = [await testProject(tasks), await testProject(tasks)]
    await twin.run('a')
    const record = twin.open().state.history('a', 'task').success
    const other = otherLakitu(project)
    const meanwhile = () => {
      const state = new ProjectState(nodeDisk, project.root)
      state.open('boot')
      if (record) state.write('task', { type: 'done', task: 'a', record })
      state.close()
      other.release()
    }
    const done = await project.run('a', { onEvent: (event) => event.type === 'notice' && setImmediate(meanwhile) })
    expect([done.ran, done.states]).toEqual([[], { a: 'fresh' }])
  })

  it('checks again also where it did not have to wait, but the other one was done in between', async () => {
    const ran: string[] = []
    const tasks = (who: string) => () => [task('a', { inputs: [value(1)], run: () => void ran.push(who) })]
    const project = await testProject(tasks('first'))
    const second = project.open()
    await project.run('a')
    const signal = new AbortController().signal
    const writer = { command: 'a', pid: 1, boot: 'boot', wait: true }
    const limits = { jobs: 1, keepGoing: false, pools: {}, cacheLimit: 1e9, downloadLimit: 1e9 }
    const result = await run(
      second,
      { targets: second.graph.nodes, force: false, writer, ...limits },
      { signal, hurry: signal },
    )
    expect([ran, [...result.endings.values()]]).toEqual([['first'], [{ state: 'fresh' }]])
  })

  it('with --no-wait is an error that names the other one', async () => {
    const project = await testProject(() => [task('a', { run: () => 1 })])
    const other = otherLakitu(project)
    await expect(project.run('a', { wait: false })).rejects.toMatchObject({
      code: 'E_LOCKED',
      family: 'world',
      message: 'Another lakitu is at work in this folder',
      facts: { command: 'lakitu apply', pid: '4711' },
    })
    other.release()
    expect((await project.run('a', { wait: false })).outcome).toBe('done')
  })

  it('that only finds things fresh does not wait', async () => {
    const project = await testProject(() => [task('a', { inputs: [value(1)], run: () => 1 })])
    await project.run('a')
    const other = otherLakitu(project)
    expect((await project.run('a', { wait: false })).states).toEqual({ a: 'fresh' })
    other.release()
  })

  it('is stopped while it waits as any other', async () => {
    const project = await testProject(() => {
      const a = task('a', { run: () => 1 })
      return [task('b', { needs: { a }, run: () => 1 })]
    })
    const other = otherLakitu(project)
    const stop = new AbortController()
    const { outcome, states } = await project.run('b', {
      stop: { signal: stop.signal, hurry: new AbortController().signal },
      onEvent: (event) => event.type === 'notice' && setImmediate(() => stop.abort()),
    })
    expect([outcome, states]).toEqual(['stopped', { a: 'stopped', b: 'stopped' }])
    other.release()
  })
})

describe('a lakitu inside a task of the same project', () => {
  it('is refused with both names, fresh or not', async () => {
    const environment: Record<string, string> = {}
    const project = await testProject(() => [task('inner', { inputs: [value(1)], run: () => 1 })], { environment })
    await project.run('inner')
    environment['LAKITU_INSIDE'] = JSON.stringify([project.root, 'outer'])
    await expect(project.run('inner')).rejects.toMatchObject({
      code: 'E_NESTED',
      message: 'lakitu inner was started inside task outer of the same project',
      next: 'Let outer need the task instead of starting lakitu.',
    })
    environment['LAKITU_INSIDE'] = JSON.stringify(['/another/project', 'outer'])
    expect((await project.run('inner')).outcome).toBe('done')
  })
})

describe('the events of a run', () => {
  it('come in order: one start, per task a check, its runs and one end, one end', async () => {
    const project = await testProject(() => {
      const a = task('a', { inputs: [value(1)], run: (ctx) => ctx.log('hello') })
      const b = task('b', { needs: { a }, run: (ctx) => ctx.progress('half') })
      return [task('c', { needs: { a, b } })]
    })
    const { events } = await project.run('c')
    expect(events.map((event) => ('task' in event ? `${event.type} ${event.task}` : event.type))).toEqual([
      'run-started',
      'task-checking a',
      'task-started a',
      'task-log a',
      'task-ended a',
      'task-checking b',
      'task-started b',
      'task-progress b',
      'task-ended b',
      'task-checking c',
      'task-started c',
      'task-ended c',
      'run-ended',
    ])
    expect(events[0]).toMatchObject({ version: 1, targets: ['c'], tasks: ['a', 'b', 'c'] })
    expect(events.at(-1)).toMatchObject({ outcome: 'done', counts: { done: 3, fresh: 0, failed: 0 } })
  })
})
