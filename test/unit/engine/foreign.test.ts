import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { type Ran, type TestProject, testProject } from '../../support/project.ts'

/** Makes build/<line> of each line of `in`; the line `fail` fails it there. */
async function lines(options: { readonly incremental?: boolean; readonly keeps?: boolean } = {}): Promise<TestProject> {
  const { incremental = false, keeps = false } = options
  const project = await testProject(() =>
    task('build', {
      inputs: { in: files('in') },
      outputs: ['build'],
      incremental,
      run: () => {
        mkdirSync(project.path('build'), { recursive: true })
        for (const line of project.read('in').trim().split(' ')) {
          if (line === 'fail') throw new Error('failed')
          if (!keeps || !existsSync(project.path(`build/${line}`))) project.write(`build/${line}`, line)
        }
      },
    }),
  )
  return project
}

async function build(project: TestProject, text: string): Promise<Ran> {
  project.write('in', text)
  return project.run('build')
}

function recorded(project: TestProject): readonly string[] {
  return Object.keys(project.open().state.history('build', 'task').success?.outputs ?? {})
}

function notices({ events }: Ran): readonly string[] {
  return events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
}

describe('a file in an output folder that no record lists', () => {
  it('is left alone, is no part of the result, and a notice counts it', async () => {
    const project = await lines()
    for (const path of ['build/mine', 'build/sub/one', 'build/sub/two']) project.write(path, 'mine')
    const first = await build(project, 'a b')
    expect(first.outcome).toBe('done')
    expect(notices(first)).toEqual(['build holds 3 foreign files, so its result is not cached'])
    expect(recorded(project)).toEqual(['build', 'build/a', 'build/b'])
    await build(project, 'a')
    expect(['build/mine', 'build/sub/two', 'build/a', 'build/b'].map((path) => project.has(path))).toEqual([
      true,
      true,
      true,
      false,
    ])
    project.write('build/mine', 'edited')
    expect((await project.run('build')).ran).toEqual([])
  })

  it('is not what is at an output path itself: that is the run’s to replace, or to go on with', async () => {
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['log'],
        run: () => appendFileSync(project.path('log'), 'x'),
      }),
    )
    project.write('log', 'mine ')
    const first = await build(project, 'a')
    expect([project.read('log'), notices(first), recorded(project)]).toEqual(['mine x', [], ['log']])
  })

  it('counts as made when the run changes it', async () => {
    const project = await lines()
    project.write('build/a', 'mine')
    const first = await build(project, 'a')
    expect([recorded(project), notices(first)]).toEqual([['build', 'build/a'], []])
    project.write('build/a', 'mine')
    expect((await project.run('build')).restored).toEqual(['build'])
    expect(project.read('build/a')).toBe('a')
  })

  it('does not make the next task run', async () => {
    const project = await testProject(() => {
      const build = task('build', {
        inputs: { in: files('in') },
        outputs: ['build'],
        run: () => project.write('build/a', 'always the same'),
      })
      return task('whole', { needs: { build }, outputs: ['whole'], run: () => project.write('whole', 'x') })
    })
    project.write('in', '1')
    await project.run('whole')
    project.write('in', '2')
    project.write('build/mine', 'mine')
    expect((await project.run('whole')).ran).toEqual(['build'])
  })
})

describe('what an attempt without success left in its output folder', () => {
  it('is removed before the next run, after one failure and after many', async () => {
    const project = await lines()
    expect((await build(project, 'a b fail')).outcome).toBe('failed')
    expect((await build(project, 'c fail')).outcome).toBe('failed')
    expect(project.has('build/a')).toBe(false)
    const done = await build(project, 'd')
    expect([done.outcome, recorded(project), notices(done)]).toEqual(['done', ['build', 'build/d'], []])
    expect(project.has('build/c')).toBe(false)
  })

  it('is told apart from what was foreign before', async () => {
    const project = await lines()
    await build(project, 'a')
    project.write('build/mine', 'mine')
    project.write('build/sub/mine', 'mine')
    await build(project, 'b sub/b fail')
    expect((await build(project, 'c')).outcome).toBe('done')
    expect(
      ['build/a', 'build/b', 'build/sub/b', 'build/c', 'build/mine', 'build/sub/mine'].filter((p) => project.has(p)),
    )
      // Only what the last run made, and what is somebody else's.
      .toEqual(['build/c', 'build/mine', 'build/sub/mine'])
    expect(recorded(project)).toEqual(['build', 'build/c'])
  })

  it('does not make a folder its own that the config names only since', async () => {
    const place = { output: 'build' }
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: [place.output],
        run: () => {
          project.write(`${place.output}/half`, 'half')
          if (project.read('in') === 'fail') throw new Error('failed')
        },
      }),
    )
    project.write('lib/mine', 'mine')
    await build(project, 'fail')
    place.output = 'lib'
    expect((await build(project, 'fine')).outcome).toBe('done')
    expect(project.has('lib/mine')).toBe(true)
  })

  it('is forgotten with a success: what comes after it is foreign', async () => {
    const project = await lines()
    await build(project, 'a fail')
    await build(project, 'a')
    project.write('build/later', 'mine')
    await build(project, 'b')
    expect([project.has('build/later'), recorded(project)]).toEqual([true, ['build', 'build/b']])
  })
})

describe('a task that keeps its outputs', () => {
  it('finds them before a run, and all that is there counts as made', async () => {
    const project = await lines({ incremental: true, keeps: true })
    await build(project, 'a b')
    appendFileSync(project.path('build/a'), '')
    await build(project, 'a b c')
    expect(recorded(project)).toEqual(['build', 'build/a', 'build/b', 'build/c'])
    expect((await build(project, 'd fail')).outcome).toBe('failed')
    await build(project, 'e')
    expect(recorded(project)).toEqual(['build', 'build/a', 'build/b', 'build/c', 'build/d', 'build/e'])
    expect((await project.run('build')).ran).toEqual([])
  })
})
