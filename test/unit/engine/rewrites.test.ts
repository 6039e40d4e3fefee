import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { FilesInput } from '../../../src/model/input.ts'
import { type TestProject, testProject } from '../../support/project.ts'

interface Formatting {
  readonly rewrites?: FilesInput
  /** What it does beside. */
  readonly beside?: (project: TestProject) => void
}

/** A formatter: it writes upper case into what it reads. */
async function formatting({ rewrites = files('src/*.txt'), beside = () => {} }: Formatting = {}) {
  const project: TestProject = await testProject(() => [
    task('format', {
      inputs: { src: files('src/*.txt', 'rules') },
      rewrites,
      run: (ctx) => {
        for (const path of ctx.inputs.src) {
          if (path !== 'rules') project.write(path, project.read(path).toUpperCase())
        }
        beside(project)
      },
    }),
  ])
  project.write('rules', 'upper')
  project.write('src/a.txt', 'a')
  project.write('src/b.txt', 'b')
  return project
}

describe('what a task rewrites', () => {
  it('is recorded as it is after the run: its own edit is no reason to run, that of another is', async () => {
    const project = await formatting()
    expect((await project.run('format')).ran).toEqual(['format'])
    expect(project.read('src/a.txt')).toBe('A')
    expect((await project.run('format')).ran).toEqual([])
    project.write('src/a.txt', 'new')
    expect(await project.run('format')).toMatchObject({
      ran: ['format'],
      why: { format: ['inputs › rewrites › src/a.txt changed', 'inputs › src › src/a.txt changed'] },
    })
    expect((await project.run('format')).ran).toEqual([])
  })

  it('may be a file that it makes where none was', async () => {
    const project = await formatting({
      rewrites: files('src/*.txt', 'lock'),
      beside: (p) => {
        p.write('lock', 'locked')
        p.write('src/c.txt', 'C')
      },
    })
    expect((await project.run('format')).ran).toEqual(['format'])
    expect((await project.run('format')).ran).toEqual([])
    project.remove('lock')
    expect((await project.run('format')).why['format']).toEqual(['inputs › rewrites › lock changed'])
  })

  it('is no excuse for other inputs that move', async () => {
    let edits = 0
    const project = await formatting({
      beside: (p) => {
        edits += 1
        if (edits === 1) p.write('rules', 'upper!')
      },
    })
    expect((await project.run('format')).ran).toEqual(['format', 'format'])
    expect((await project.run('format')).ran).toEqual([])
  })

  it('must be declared: without it, the error says how', async () => {
    const project = await formatting({ rewrites: files('src/a.txt'), beside: (p) => p.write('src/b.txt', 'B') })
    const { endings } = await project.run('format')
    expect(endings['format']).toMatchObject({
      error: {
        code: 'E_INPUT_MOVED',
        next: 'Let nothing write to it during the run. If the task itself does: rewrites: files("src/b.txt").',
      },
    })
  })

  it('found by a glob, is refused where another task rewrites it', async () => {
    const run = () => {}
    const project = await testProject(() => [
      task('one', { rewrites: files('src/*.txt'), run }),
      task('two', { rewrites: files('src/a.*'), run }),
    ])
    project.write('src/b.txt', '')
    expect((await project.run(['one', 'two'])).outcome).toBe('done')
    project.write('src/a.txt', '')
    expect((await project.run('one')).endings['one']).toMatchObject({
      error: {
        code: 'E_REWRITES',
        headline: 'Task one rewrites src/a.txt, which two rewrites as well',
        family: 'usage',
      },
    })
  })
})

describe('when the config loads', () => {
  const run = () => {}
  it.each([
    [
      'two tasks rewrite one file',
      () => [task('one', { rewrites: files('src/**'), run }), task('two', { rewrites: files('src/a.txt'), run })],
      'Task two rewrites src/a.txt, which one rewrites as well',
    ],
    [
      'two tasks rewrite by the same glob',
      () => [task('one', { rewrites: files('src/*'), run }), task('two', { rewrites: files('src/*'), run })],
      'Task one rewrites src/*, which two rewrites as well',
    ],
    [
      'another task makes it',
      () => [
        task('one', { rewrites: files('gen/a'), run }),
        task('two', { inputs: [value(1)], outputs: ['gen'], run }),
      ],
      'Task one rewrites gen/a, which two makes as well',
    ],
    [
      'the task itself makes it',
      () => [task('one', { rewrites: files('gen/*'), outputs: ['gen/a'], run })],
      'Task one rewrites gen/a, which it makes as well',
    ],
  ])('it is an error that %s', async (_, tasks, headline) => {
    const project = await testProject(tasks)
    expect(() => project.open()).toThrow(expect.objectContaining({ code: 'E_REWRITES', message: headline }))
  })

  it('its name is taken', async () => {
    const project = await testProject(() => [
      task('one', { inputs: { rewrites: value(1) }, rewrites: files('a'), run }),
    ])
    expect(() => project.open()).toThrow(expect.objectContaining({ code: 'E_INPUT_NAME' }))
  })
})
