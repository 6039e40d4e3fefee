import { cpSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { build, notices, tree } from '../../support/building.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** The task `build`, with these outputs, that does this with what is in `in`. */
async function making(
  outputs: readonly string[],
  run: (project: TestProject, text: string) => void,
  disk: Partial<Disk> = {},
): Promise<TestProject> {
  const project = await testProject(
    () => task('build', { inputs: { in: files('in') }, outputs, run: () => run(project, project.read('in')) }),
    { disk: { ...nodeDisk, ...disk } },
  )
  return project
}

/** A file from A, a folder from everything else. */
const fileOrFolder = () => making(['out'], (project, text) => project.write(text === 'A' ? 'out' : 'out/inner/x', text))

describe('an output that is a file now and a folder then', () => {
  it('is made, and put back, in each order', async () => {
    const project = await fileOrFolder()
    const states = []
    for (const text of ['A', 'B', 'A', 'B', 'C', 'A']) {
      const { states: ended } = await build(project, text)
      states.push(ended['build'])
      expect(project.read(text === 'A' ? 'out' : 'out/inner/x')).toBe(text)
    }
    expect(states).toEqual(['done', 'done', 'restored', 'restored', 'done', 'restored'])
  })

  it.each([true, false])('is made again where a person has put the other one (restored: %s)', async (restored) => {
    const project = await fileOrFolder()
    for (const text of ['A', 'B']) {
      await build(project, text)
      project.remove('out')
      project.write(text === 'A' ? 'out/inner/mine' : 'out', 'mine')
      const again = await project.run('build', { force: !restored })
      expect([again.outcome, again.restored.length]).toEqual(['done', restored && text === 'B' ? 1 : 0])
      expect(project.read(text === 'A' ? 'out' : 'out/inner/x')).toBe(text)
    }
  })
})

describe('what a person has put into a folder where a file was, inside of an output folder', () => {
  it('is left alone', async () => {
    const project = await making(['build'], (made, text) => {
      if (text === 'A') made.write('build/x', text)
      made.write('build/y', text)
    })
    await build(project, 'A')
    project.remove('build/x')
    project.write('build/x/mine', 'mine')
    const again = await build(project, 'B')
    expect([again.outcome, project.read('build/x/mine')]).toEqual(['done', 'mine'])
    expect(notices(again)).toEqual(['build holds 1 foreign file, so its result is not cached'])
    const back = await build(project, 'A')
    expect([back.outcome, project.read('build/x/mine')]).toEqual(['failed', 'mine'])
    project.remove('build/x')
    expect((await build(project, 'A')).restored).toEqual(['build'])
  })
})

describe('what a person has put where a folder or a link is to be put back', () => {
  it.each(['folder', 'link'])('(a %s) is not removed for it', async (kind) => {
    const project = await making(['build'], (made, text) => {
      made.write('build/x', text)
      if (text !== 'A') return
      if (kind === 'folder') mkdirSync(made.path('build/y'))
      else symlinkSync('x', made.path('build/y'))
    })
    await build(project, 'A')
    await build(project, 'B')
    project.write('build/y', 'mine')
    const again = await build(project, 'A')
    expect([again.outcome, project.read('build/y')]).toEqual(['failed', 'mine'])
    expect(notices(again)).toEqual(['its cached result cannot be restored (build/y is in the way), so it runs'])
  })
})

describe('an output folder that nothing may be written to', () => {
  /** As the system does it for everybody but root. */
  const strict = (path: string) => {
    const above = nodeDisk.identity(dirname(path))
    if (above && (above.mode & 0o200) === 0 && nodeDisk.identity(path)) {
      throw Object.assign(new Error(`EACCES: permission denied, ${path}`), { code: 'EACCES' })
    }
  }

  it('is emptied, made anew, and put back', async () => {
    const project = await making(
      ['build'],
      (made, text) => {
        made.write('build/locked/x', text)
        nodeDisk.setMode(made.path('build/locked'), 0o555)
      },
      {
        remove: (path) => {
          strict(path)
          nodeDisk.remove(path)
        },
        rename: (from, to) => {
          strict(to)
          nodeDisk.rename(from, to)
        },
      },
    )
    const states = []
    for (const text of ['A', 'B', 'A']) {
      const { states: ended } = await build(project, text)
      states.push(ended['build'])
      expect(tree(project)).toMatchObject({ 'build/locked': '555 ', 'build/locked/x': `644 ${text}` })
    }
    expect(states).toEqual(['done', 'done', 'restored'])
  })
})

describe('an output folder that is a link', () => {
  it('is not put back: what is behind it, nothing has recorded', async () => {
    const project = await making(['out'], (made, text) => {
      mkdirSync(made.path('elsewhere'), { recursive: true })
      if (!made.has('out')) symlinkSync('elsewhere', made.path('out'))
      made.write('out/x', text)
    })
    for (const text of ['A', 'B', 'A']) {
      expect((await build(project, text)).ran).toEqual(['build'])
      expect(project.read('out/x')).toBe(text)
    }
    expect(lstatSync(project.path('out')).isSymbolicLink()).toBe(true)
  })
})

describe('files that are made again when the records are gone', () => {
  it('count whole, with the folders that they are in, so that the next task sees the same', async () => {
    const project = await making(['build'], (made, text) => made.write('build/sub/x', text))
    await build(project, 'A')
    const outputs = () => project.open().state.history('build', 'task').success?.outputs
    const before = outputs()
    project.remove('.cache')
    const again = await build(project, 'A')
    expect([again.ran, outputs(), notices(again)]).toEqual([['build'], before, []])
  })
})

describe('a cache that comes from another folder', () => {
  it.each([
    [true, 'restored'],
    [false, 'done'],
  ])('holds for a task that is portable (%s: %s)', async (portable, ended) => {
    const projectIn = async () => {
      const project = await testProject(() =>
        task('build', {
          inputs: { in: files('in') },
          outputs: ['out'],
          portable,
          run: () => project.write('out', project.read('in')),
        }),
      )
      return project
    }
    const [first, second] = [await projectIn(), await projectIn()]
    await build(first, 'A')
    cpSync(first.path('.cache'), second.path('.cache'), { recursive: true })
    expect((await build(second, 'A')).states['build']).toBe(ended)
    expect(second.read('out')).toBe('A')
    expect(await second.run('build')).toMatchObject({ ran: [], restored: [] })
  })
})

describe('an input that is gone between the plan and the run', () => {
  it('is a fact like any other: what the task makes of that is what counts', async () => {
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['out'],
        run: () => project.write('out', project.has('in') ? project.read('in') : 'nothing'),
      }),
    )
    await build(project, 'A')
    project.write('in', 'B')
    expect(await project.plan('build')).toEqual({ build: 'will' })
    project.remove('in')
    expect((await project.run('build')).why['build']).toEqual(['inputs › in › in changed'])
    expect(project.read('out')).toBe('nothing')
    expect((await build(project, 'A')).restored).toEqual(['build'])
    project.remove('in')
    expect((await project.run('build')).restored).toEqual(['build'])
    expect(project.read('out')).toBe('nothing')
  })
})

describe('what a restore has saved', () => {
  it('is what the run took, also when it is put back again', async () => {
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['out'],
        run: async () => {
          await project.clock.wait(7000)
          project.write('out', project.read('in'))
        },
      }),
    )
    for (const text of ['A', 'B']) await build(project, text)
    for (const text of ['A', 'B', 'A']) {
      expect((await build(project, text)).endings['build']).toMatchObject({ state: 'restored', saved: 7000 })
    }
  })
})

describe('the log of a task that is put back', () => {
  it('says so, and when that was made', async () => {
    const project = await making(['out'], (made, text) => made.write('out', text))
    for (const text of ['A', 'B', 'A']) await build(project, text)
    expect(project.read('.cache/lakitu/logs/build.log')).toMatch(
      /^restored: what a run made on \d{4}-\d\d-\d\dT[\d:.]+Z from the same facts\n$/,
    )
  })
})
