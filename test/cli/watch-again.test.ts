import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { idle, ranIn, since, stop, watching } from '../support/watching.ts'

const declared = `import { effect, files, task } from 'lakitu'
import { existsSync, writeFileSync } from 'node:fs'
const sh = (script: string) => ['sh', '-c', script]
export const copy = task('copy', { inputs: { b: files('in/b') }, outputs: ['out'], command: sh('cp in/b out') })
`

describe('a task that fails while a watch is on', () => {
  it('after an edit in the middle of its run stays quiet with the facts that it failed with, and with no others', async () => {
    const tasks = `${declared}export const picky = task('picky', { inputs: { a: files('in/a') }, outputs: ['made'],
      command: sh('cat in/a >> log; grep -q slow in/a && until [ -e go ]; do sleep 0.02; done; ! grep -q bad in/a && cp in/a made') })
`
    const project = await cliProject(tasks, { 'in/a': 'good\n', 'in/b': '' })
    const running = await watching(project, 'picky', 'copy', '-k')
    project.write('in/a', 'slow\n')
    await until('the slow one', () => project.read('log') === 'good\nslow\n')
    project.write('in/a', 'bad\n')
    // One idle after the run, and one after the check of the edit that came during it.
    await idle(running, 3)
    expect(project.read('log')).toBe('good\nslow\nbad\n')
    project.write('in/b', '2')
    await idle(running, 4)
    expect(project.read('out')).toBe('2')
    expect(project.read('log')).toBe('good\nslow\nbad\n')
    project.write('go', '')
    project.write('in/a', 'slow\n')
    await idle(running, 5)
    expect(project.read('made')).toBe('slow\n')
    await stop(running)
  })

  it('for lack of time runs again when the config gives it more', async () => {
    const tasks = `${declared}export const slow = task('slow', { inputs: { b: files('in/b') }, outputs: ['slow'], timeout: 10,
      command: sh('sleep 0.5; cp in/b slow') })
`
    const project = await cliProject(tasks, { 'in/b': '1' })
    const running = await watching(project, 'slow')
    expect(project.has('slow')).toBe(false)
    project.write('tasks.ts', tasks.replace('timeout: 10,', 'timeout: 60_000,'))
    await idle(running, 2)
    expect(project.read('slow')).toBe('1')
    await stop(running)
  })

  it('and runs every time does so when its needs ran or its inputs changed, and not for anything else', async () => {
    const tasks = `${declared}export const up = effect('up', { inputs: { e: files('in/e') },
      probe: () => existsSync('up') || null, run: () => writeFileSync('up', '') })
export const smoke = task('smoke', { always: true, needs: { up }, command: sh('echo ran >> smoke.log; [ -e service ]') })
`
    const project = await cliProject(tasks, { 'in/b': '1', 'in/e': '1' })
    const running = await watching(project, 'smoke', 'copy', '-k')
    expect(since(running, 0).at(-1)).toMatchObject({ healthy: false })
    project.write('in/b', '2')
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['copy'])
    project.write('service', '')
    // Up comes to the same value, and yet the world may be another.
    project.write('in/e', '2')
    await idle(running, 3)
    expect(ranIn(since(running, 2))).toEqual(['up', 'smoke'])
    expect(since(running, 2).at(-1)).toMatchObject({ healthy: true })
    await stop(running)
  })
})

describe('a task that writes into its own inputs while a watch is on', () => {
  it('is not begun anew for ever', async () => {
    const tasks = `${declared}export const own = task('own', { inputs: { all: files('in/*') }, outputs: ['own'],
      command: sh('echo x >> in/own; echo ran >> log; sleep 0.6; cp in/own own') })
`
    const project = await cliProject(tasks, { 'in/b': '1' })
    const running = project.start(['watch', 'own', '--output', 'ndjson'])
    const events = await idle(running, 1)
    expect(events.flatMap((e) => (e.type === 'task-ended' ? [e.ending] : []))).toMatchObject([
      { state: 'failed', error: { code: 'E_INPUT_MOVED' } },
    ])
    await stop(running)
  })
})

describe('an output that somebody deletes while a watch is idle', () => {
  it('wakes nothing, and is made again by the next run', async () => {
    const tasks = `${declared}export const other = task('other', { inputs: { c: files('in/c') }, outputs: ['made/other'], command: sh('cp in/c made/other') })
`
    const project = await cliProject(tasks, { 'in/b': '1', 'in/c': '1' })
    const running = await watching(project, 'copy', 'other')
    project.remove('out')
    project.remove('made')
    project.write('in/b', '2')
    await idle(running, 2)
    expect(since(running, 1)).toContainEqual(expect.objectContaining({ type: 'watch-woken', paths: ['in/b'] }))
    expect([project.read('out'), project.read('made/other')]).toEqual(['2', '1'])
    await stop(running)
  })
})

describe('files of editors that stay while somebody writes', () => {
  it('are no inputs, unless they are named', async () => {
    const tasks = `${declared}export const all = task('all', { inputs: { all: files('in/**') }, outputs: ['all'],
      command: sh('ls in > all') })
export const named = task('named', { inputs: { all: files('backups/*~') }, outputs: ['named'], command: sh('ls backups > named') })
`
    const project = await cliProject(tasks, { 'in/b': '1', 'backups/a~': '' })
    const running = await watching(project, 'all', 'named')
    project.write('in/.b.swp', 'vim 1')
    project.write('in/#b#', 'emacs')
    symlinkSync('me@host.1:2', project.path('in/.#b'))
    project.write('in/b~', 'backup')
    // That they are seen at all is seen by a task that names them, in a folder of its own.
    project.write('backups/b~', '1')
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['named'])
    project.write('in/.b.swp', 'vim 2')
    project.write('in/b', '2')
    await idle(running, 3)
    expect(ranIn(since(running, 2))).toEqual(['all'])
    expect(project.read('all')).toBe('#b#\nb\nb~\n')
    await stop(running)
  })

  it('wake nothing', async () => {
    const project = await cliProject(declared.replace("files('in/b')", "files('in/**')"), { 'in/b': '1' })
    const running = await watching(project, 'copy')
    for (const name of ['.b.swp', '#b#', 'b~', 'b']) project.write(`in/${name}`, '2')
    await idle(running, 2)
    expect(since(running, 1)).toContainEqual(expect.objectContaining({ type: 'watch-woken', paths: ['in/b'] }))
    await stop(running)
  })
})

describe('an effect that was undone before a watch began', () => {
  it('comes up also when it is only wanted later', async () => {
    const tasks =
      `${declared.replace('import { effect, files, task }', 'import { effect, files, task, undo }')}export const up = effect('up', {
      probe: () => existsSync('up') || null, run: () => writeFileSync('up', ''), undo: () => rmSync('up') })
export const late = task('late', { after: [up], inputs: { b: files('in/b') }, outputs: ['late'], command: sh('cp in/b late') })
export const destroy = undo('destroy', [up])
`.replace('existsSync, writeFileSync', 'existsSync, rmSync, writeFileSync')
    const project = await cliProject(tasks, { 'in/b': '1' })
    for (const name of ['late', 'destroy']) expect((await project.run(name)).code).toBe(0)
    const running = await watching(project, 'late')
    expect(ranIn(since(running, 0))).toEqual([])
    project.write('in/b', '2')
    await idle(running, 2)
    expect(ranIn(since(running, 1))).toEqual(['up', 'late'])
    await stop(running)
  })
})
