import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { idle, isIdle, ranIn, since, stop, watching } from '../support/watching.ts'

const picky = `import { effect, files, task, undo } from 'lakitu'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
const sh = (script: string) => ['sh', '-c', script]
export const picky = task('picky', { inputs: { a: files('in/a') }, outputs: ['out/a'], command: sh('! grep bad in/a && cp in/a out/a') })
export const reads = task('reads', { inputs: { b: files('in/b') }, run: ({ read }) => {
  if (read('found')?.includes('bad')) throw new Error('found bad')
} })
export const copy = task('copy', { inputs: { b: files('in/b') }, outputs: ['out/b'], command: sh('cp in/b out/b') })
export const up = effect('up', {
  probe: () => existsSync('world') || null,
  run: async ({ note }) => { await note('file', 'world'); writeFileSync('world', '') },
  undo: () => rmSync('world', { force: true }),
})
export const above = task('above', { needs: { up }, outputs: ['out/above'], command: sh('echo ran >> above.log; touch out/above') })
export const destroy = undo('destroy', [up])
`

const files = { 'in/a': 'bad', 'in/b': '1', found: 'fine' }

describe('a task that failed while a watch is on', () => {
  it('stays quiet until what it reads is different, and keeps nothing else from running', async () => {
    const project = await cliProject(picky, files)
    const running = await watching(project, 'picky', 'copy', '-k')
    project.write('in/b', '2')
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['copy'])
    expect(since(running, 1)).toContainEqual(
      expect.objectContaining({ type: 'task-ended', task: 'picky', ending: expect.objectContaining({ still: true }) }),
    )
    expect(since(running, 1).at(-1)).toMatchObject({ type: 'watch-idle', healthy: false })
    // The same content again is no other fact.
    project.write('in/a', 'bad')
    await idle(running, 3)
    expect(ranIn(since(running, 2))).toEqual([])
    project.write('in/a', 'good')
    const events = await idle(running, 4)
    expect(ranIn(since(running, 3))).toEqual(['picky'])
    expect(events.at(-1)).toMatchObject({ healthy: true })
    await stop(running)
  })

  it('runs again when that changes which it found to read by itself', async () => {
    const project = await cliProject(picky, { ...files, found: 'bad' })
    const running = await watching(project, 'reads', 'picky', '-k')
    project.write('in/a', 'bad and more')
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['picky'])
    project.write('found', 'good')
    await idle(running, 3)
    expect(ranIn(since(running, 2))).toEqual(['reads'])
    await stop(running)
  })
})

describe('an effect that is undone while a watch is on', () => {
  it('is left alone and shown so, until a person asks for it', async () => {
    const project = await cliProject(picky, files)
    const running = await watching(project, 'copy', 'above')
    expect(project.has('world')).toBe(true)
    expect((await project.run('destroy')).code).toBe(0)
    project.write('in/b', '2')
    await idle(running, 2)
    expect([project.has('world'), ranIn(since(running, 1))]).toEqual([false, ['copy']])
    const text = 'it was undone meanwhile and is left alone; to bring it back: lakitu up'
    expect(since(running, 1)).toContainEqual(expect.objectContaining({ type: 'notice', task: 'up', text }))
    expect(since(running, 1).at(-1)).toMatchObject({ type: 'watch-idle', healthy: false })
    expect(project.read('above.log')).toBe('ran\n')
    // A changed config is no person who asks.
    project.write('tasks.ts', `${picky}\n`)
    await idle(running, 3)
    expect(project.has('world')).toBe(false)
    expect((await project.run('up')).code).toBe(0)
    project.write('in/b', '3')
    const events = await idle(running, 4)
    expect([project.has('world'), events.at(-1)]).toMatchObject([true, { healthy: true }])
    await stop(running)
  })

  it('comes up with the watch that begins after it was undone', async () => {
    const project = await cliProject(picky, files)
    await project.run('up')
    await project.run('destroy')
    const running = await watching(project, 'up')
    expect(project.has('world')).toBe(true)
    await stop(running)
  })
})

/** Both say what they read, and wait for a file. */
const slow = `import { effect, files, task } from 'lakitu'
import { readFileSync } from 'node:fs'
const script = (name: string) => 'cat in/a > ' + name + '.seen; cat in/a >> ' + name + '.log; until [ -e go ]; do sleep 0.02; done; cp ' + name + '.seen ' + name
const inputs = { a: files('in/a') }
export const built = task('built', { inputs, outputs: ['built'], command: ['sh', '-c', script('built')] })
export const applied = effect('applied', { inputs,
  probe: ({ root }) => readFileSync(root + '/applied', 'utf8'),
  run: async ({ exec }) => { await exec('sh', ['-c', script('applied')]) } , converges: true })
`

describe('an edit of what a task has just read', () => {
  it('makes a file task begin anew, and an effect run again when it has ended', async () => {
    const project = await cliProject(slow, { 'in/a': '1\n', go: '' })
    const running = await watching(project, 'built', 'applied')
    project.remove('go')
    project.write('in/a', '2\n')
    await until('both', () => project.read('built.log') === '1\n2\n' && project.read('applied.log') === '1\n2\n')
    project.write('in/a', '3\n')
    await until('the file task', () => project.read('built.log') === '1\n2\n3\n')
    const again = since(running, 1).flatMap((e) => (e.type === 'task-started' && e.task === 'built' ? [e.reasons] : []))
    expect(again).toEqual(Array(2).fill([expect.objectContaining({ kind: 'fact', change: 'changed' })]))
    expect(since(running, 1)).toContainEqual(
      expect.objectContaining({
        type: 'notice',
        task: 'built',
        text: expect.stringMatching(/^stopped, to begin anew: .*in\/a/),
      }),
    )
    expect(project.read('applied.log')).toBe('1\n2\n')
    project.write('go', '')
    await until('the effect', () => project.read('applied') === '3\n' && isIdle(running))
    expect([project.read('built'), project.read('built.log'), project.read('applied.log')]).toEqual([
      '3\n',
      '1\n2\n3\n',
      '1\n2\n3\n',
    ])
    expect(since(running, 1).filter((e) => e.type === 'task-ended' && e.ending.state === 'failed')).toEqual([])
    await stop(running)
    expect((await project.run('built', 'applied')).stdout).toMatch('nothing to do')
  })
})
