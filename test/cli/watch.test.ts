import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { type CliProject, cliProject, type Running } from '../support/cli.ts'
import { until } from '../support/until.ts'

const copying = `import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { from: files('in/**') }, outputs: ['out'],
  run: ({ exec }) => exec('sh', ['-c', 'cat in/* > out; echo ran >> runs.log']).then(() => {}) })
`

function eventsOf(running: Running): readonly Event[] {
  const whole = running.stdout().split('\n').slice(0, -1)
  return whole.map((line): Event => JSON.parse(line))
}

/** Resolves when the watch is idle for the n-th time. */
async function idle(running: Running, n: number): Promise<readonly Event[]> {
  await until(`idle number ${n}`, () => eventsOf(running).filter((event) => event.type === 'watch-idle').length >= n)
  return eventsOf(running)
}

/** Whether the last that it told is that it waits: then what ran is recorded. */
function isIdle(running: Running): boolean {
  return eventsOf(running).at(-1)?.type === 'watch-idle'
}

async function watching(project: CliProject): Promise<Running> {
  const running = project.start(['watch', 'copy', '--output', 'ndjson'])
  await idle(running, 1)
  return running
}

async function stop(running: Running): Promise<void> {
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(130)
}

describe('lakitu watch', () => {
  it('runs again after an edit, a new file and a deletion, and not for its own outputs', async () => {
    const project = await cliProject(copying, { 'in/a': '1' })
    const running = await watching(project)
    project.write('in/a', '2')
    await idle(running, 2)
    expect(project.read('out')).toBe('2')
    project.write('in/b', '3')
    await idle(running, 3)
    expect(project.read('out')).toBe('23')
    project.remove('in/a')
    const events = await idle(running, 4)
    expect(project.read('out')).toBe('3')
    expect(events.filter((e) => e.type === 'watch-woken').flatMap(({ paths }) => paths)).toEqual([
      'in/a',
      'in/b',
      'in/a',
    ])
    expect(project.read('runs.log').trim().split('\n')).toHaveLength(4)
    await stop(running)
  })

  it('loses no edit that is made during a run', async () => {
    const slow = copying.replace(
      'cat in/* > out;',
      'cat in/* > out; touch began; until [ -e go ]; do sleep 0.02; done;',
    )
    const project = await cliProject(slow, { 'in/a': '1', go: '' })
    const running = await watching(project)
    project.remove('go')
    project.remove('began')
    project.write('in/a', '2')
    await until('the run', () => project.has('began'))
    project.write('in/a', '3')
    project.write('go', '')
    await until('the last edit', () => project.has('out') && project.read('out') === '3' && isIdle(running))
    await stop(running)
    expect((await project.run('copy')).stdout).toMatch('nothing to do')
  })

  it('takes up a changed config, lives on with one that does not load, and with a task that fails', async () => {
    const project = await cliProject(copying, { 'in/a': '1' })
    const running = await watching(project)
    project.write('tasks.ts', copying.replace('cat in/*', 'cat in/* in/*'))
    await idle(running, 2)
    expect(project.read('out')).toBe('11')
    project.write('tasks.ts', 'export const copy = (')
    await until('the error', () => running.stderr().includes('E_CONFIG'))
    project.write('tasks.ts', copying.replace('cat in/*', 'exit 7'))
    const failed = await idle(running, 3)
    expect(failed.at(-1)).toMatchObject({ type: 'watch-idle', healthy: false })
    project.write('tasks.ts', copying)
    await idle(running, 4)
    expect(project.read('out')).toBe('1')
    await stop(running)
  })
})
