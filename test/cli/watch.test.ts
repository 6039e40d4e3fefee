import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { idle, isIdle, ranIn, since, stop, watching } from '../support/watching.ts'

const copying = `import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { from: files('in/**') }, outputs: ['out'],
  run: ({ exec }) => exec('sh', ['-c', 'cat in/* > out; echo ran >> runs.log']).then(() => {}) })
`

describe('lakitu watch', () => {
  it('runs again after an edit, a new file and a deletion, and not for its own outputs', async () => {
    const project = await cliProject(copying, { 'in/a': '1' })
    const running = await watching(project, 'copy')
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
    const running = await watching(project, 'copy')
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
    const running = await watching(project, 'copy')
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

  it('without names keeps up to date what the config lists, or its default', async () => {
    const config = (what: string) => `import { defineConfig, files, task } from 'lakitu'
const made = (name: string) => task(name, { inputs: [files('in')], outputs: [name], command: ['cp', 'in', name] })
const [one, two, three] = ['one', 'two', 'three'].map(made)
export default defineConfig({ tasks: [one, two, three], ${what} })
`
    const project = await cliProject('', { in: '1', 'lakitu.config.ts': config('default: one, watch: [two, three]') })
    const running = await watching(project)
    expect(ranIn(since(running, 0)).toSorted()).toEqual(['three', 'two'])
    project.write('lakitu.config.ts', config('default: one'))
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['one'])
    await stop(running)
    project.write('lakitu.config.ts', config('watch: []'))
    const { code, stderr } = await project.run('watch')
    expect([code, stderr]).toEqual([2, expect.stringContaining('E_NO_DEFAULT: The config does not say what to watch')])
  })
})
