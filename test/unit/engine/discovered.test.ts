import { chmodSync, mkdirSync, renameSync, symlinkSync, unlinkSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Identity } from '../../../src/ports/disk.ts'
import { compile, compiling, recorded } from '../../support/compiling.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

describe('what a depfile names', () => {
  it('is an input: the task runs again when it changes, and says why', async () => {
    const project = await compiling()
    expect(await project.run('cc')).toMatchObject({ ran: ['cc'], outcome: 'done' })
    expect((await project.run('cc')).ran).toEqual([])
    project.write('inc/b.h', 'not included')
    expect((await project.run('cc')).ran).toEqual([])
    project.write('inc/a.h', 'a2')
    expect(await project.plan('cc')).toEqual({ cc: 'will' })
    await settleTimes()
    expect(await project.run('cc')).toMatchObject({ ran: ['cc'], why: { cc: ['discovered › inc/a.h changed'] } })
    expect(project.read('out')).toBe('a2')
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('is recorded apart from the declared inputs, and these are not in it', async () => {
    const project = await compiling()
    await project.run('cc')
    const record = project.open().state.history('cc', 'task').success
    expect(record?.discovered).toEqual({ 'inc/a.h': expect.stringMatching(/^file 644 /) })
    expect(JSON.stringify(record?.facts)).not.toContain('a.h')
    expect(record?.facts).toMatchObject({ depfile: 'out.d' })
  })

  it('goes where the source no longer includes it, and comes where it does', async () => {
    const project = await compiling()
    await project.run('cc')
    project.write('src/main.c', 'b.h')
    await project.run('cc')
    expect(recorded(project, 'cc')).toEqual(['inc/b.h'])
    project.write('inc/a.h', 'a2')
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('may be deleted: that is a reason, too', async () => {
    const project = await compiling()
    project.write('src/main.c', 'a.h\nb.h')
    await settleTimes()
    await project.run('cc')
    project.remove('inc/b.h')
    const { why, states } = await project.run('cc')
    expect([why, states]).toEqual([{ cc: ['discovered › inc/b.h is gone'] }, { cc: 'failed' }])
    project.write('inc/b.h', 'back')
    expect((await project.run('cc')).states).toEqual({ cc: 'done' })
  })

  it('is told together with what is declared, which comes first', async () => {
    const project = await compiling()
    await project.run('cc')
    project.write('inc/a.h', 'a2')
    project.write('src/main.c', 'a.h\nb.h')
    const { why } = await project.run('cc')
    expect(why['cc']).toEqual(['inputs › main › src/main.c changed', 'discovered › inc/a.h changed'])
  })

  it('may lie outside the project', async () => {
    const project = await compiling()
    const outside = await compiling()
    project.write('src/main.c', outside.path('inc/a.h'))
    await project.run('cc')
    expect(recorded(project, 'cc')).toEqual([outside.path('inc/a.h')])
    outside.write('inc/a.h', 'a2')
    expect((await project.run('cc')).ran).toEqual(['cc'])
  })

  it('counts where a link leads out of its folder again', async () => {
    const project = await compiling()
    project.write('lib/v1/inc/x.h', 'x')
    project.write('lib/v1/y.h', 'y1')
    project.write('lib/v2/y.h', 'y2')
    mkdirSync(project.path('lib/v2/inc'))
    project.write('y.h', 'not this one')
    symlinkSync('lib/v1/inc', project.path('current'))
    project.write('src/main.c', 'current/../y.h')
    await settleTimes()
    await project.run('cc')
    expect(project.read('out')).toBe('y1')
    expect(recorded(project, 'cc')).toEqual(['current', 'lib/v1/y.h'])
    project.write('y.h', 'still not')
    expect((await project.run('cc')).ran).toEqual([])
    unlinkSync(project.path('current'))
    symlinkSync('lib/v2/inc', project.path('current'))
    expect((await project.run('cc')).ran).toEqual(expect.arrayContaining(['cc']))
    expect(project.read('out')).toBe('y2')
  })

  it('counts for those who need a task that makes nothing', async () => {
    let headers = 'inc/a.h'
    const project = await testProject(() => {
      const lint = task('lint', {
        inputs: [value(1)],
        depfile: 'lint.d',
        run: () => project.write('lint.d', `lint: ${headers}`),
      })
      return [task('release', { needs: { lint }, run: () => 1 })]
    })
    project.write('inc/a.h', 'a1')
    project.write('inc/b.h', 'b1')
    await settleTimes()
    expect((await project.run('release')).ran).toEqual(['lint', 'release'])
    expect((await project.run('release')).ran).toEqual([])
    project.write('inc/a.h', 'a2')
    headers = 'inc/b.h'
    await settleTimes()
    expect((await project.run('release')).ran).toEqual(['lint', 'release'])
  })

  it('makes a task that declares nothing else one that need not run every time', async () => {
    const project = await testProject(() => [
      task('lint', { depfile: 'lint.d', run: () => project.write('lint.d', 'lint: inc/a.h') }),
    ])
    project.write('inc/a.h', 'a1')
    await settleTimes()
    await project.run('lint')
    expect((await project.run('lint')).ran).toEqual([])
    project.write('inc/a.h', 'a2')
    expect((await project.run('lint')).ran).toEqual(expect.arrayContaining(['lint']))
  })

  it('is among the changes that the next run is told of', async () => {
    const told: unknown[] = []
    const project = await testProject(() => [
      task('cc', {
        inputs: { main: files('src/main.c') },
        outputs: ['out'],
        depfile: 'out.d',
        incremental: true,
        run: ({ previous }) => {
          told.push(previous?.changes)
          compile(project)
        },
      }),
    ])
    project.write('src/main.c', 'a.h')
    project.write('a.h', 'a1')
    await settleTimes()
    await project.run('cc')
    project.write('a.h', 'a2')
    await settleTimes()
    await project.run('cc')
    expect(told).toEqual([undefined, [{ path: ['discovered', 'a.h'], change: 'changed' }]])
  })
})

describe('an edit in the middle of a run', () => {
  it('of something that is discovered makes it run once more', async () => {
    const project = await compiling((run) => run === 1 && project.write('inc/a.h', 'a2'))
    const { ran, events, states } = await project.run('cc')
    expect([ran, states['cc'], project.read('out')]).toEqual([['cc', 'cc'], 'done', 'a2'])
    const second = events.findLast((event) => event.type === 'task-started')
    expect(second).toMatchObject({ attempt: 2, reasons: [{ kind: 'moved', path: 'inc/a.h' }] })
    expect((await project.run('cc')).ran).toEqual([])
  })

  it.each<[string, (project: TestProject) => void]>([
    [
      'an edit that is taken back with its old times',
      (p) => {
        p.write('inc/a.h', 'a1')
        utimesSync(p.path('inc/a.h'), 1000, 1000)
      },
    ],
    ['a deletion', (p) => p.remove('inc/a.h')],
    ['a rename', (p) => renameSync(p.path('inc/b.h'), p.path('inc/a.h'))],
    ['another mode', (p) => chmodSync(p.path('inc/a.h'), 0o755)],
    [
      'a folder that is exchanged for an older one',
      (p) => {
        renameSync(p.path('inc'), p.path('old'))
        renameSync(p.path('inc2'), p.path('inc'))
      },
    ],
    [
      'a link on the way that leads elsewhere now',
      (p) => {
        unlinkSync(p.path('link'))
        symlinkSync('inc2', p.path('link'))
      },
    ],
  ])('%s is never taken for done', async (_what, edit) => {
    const project = await compiling((run) => run === 1 && edit(project))
    project.write('inc2/a.h', 'other')
    symlinkSync('inc', project.path('link'))
    project.write('src/main.c', _what.includes('link') ? 'link/a.h' : 'a.h')
    await settleTimes()
    const { ran, states } = await project.run('cc')
    expect(ran).toEqual(['cc', 'cc'])
    if (states['cc'] === 'done') {
      expect((await project.run('cc')).ran).toEqual([])
      expect(project.read('out')).toBe(project.read(project.read('src/main.c').replace(/^a/, 'inc/a')))
    }
  })

  it('twice is an error that names the path', async () => {
    const project = await compiling((run) => project.write('inc/a.h', `a${run}`))
    const { ran, endings } = await project.run('cc')
    expect(ran).toEqual(['cc', 'cc'])
    expect(endings['cc']).toMatchObject({
      error: { code: 'E_INPUT_MOVED', headline: 'inc/a.h changed while cc ran, twice' },
    })
  })

  it('of what the last run discovered and this one does not is no reason', async () => {
    const project = await compiling((run) => run === 2 && project.write('inc/a.h', 'a2'))
    await project.run('cc')
    project.write('src/main.c', 'b.h')
    expect((await project.run('cc')).ran).toEqual(['cc'])
  })

  it('is not suspected of a file that was just written, more than once', async () => {
    const project = await compiling()
    project.write('inc/a.h', 'a2')
    expect((await project.run('cc')).states).toEqual({ cc: 'done' })
    utimesSync(project.path('inc/a.h'), 9e9, 9e9)
    project.write('inc/a.h', 'a3')
    expect((await project.run('cc')).ran).toEqual(['cc'])
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('where no stamp can be written is not excluded, so it runs twice', async () => {
    const project = await compiling()
    mkdirSync(project.path('.cache/lakitu/stamp'), { recursive: true })
    expect(await project.run('cc')).toMatchObject({ ran: ['cc', 'cc'], states: { cc: 'done' } })
    expect((await project.run('cc')).ran).toEqual([])
  })
})

describe('where times prove nothing', () => {
  /** A disk whose clock stands still, in the future: an edit of the same size leaves no trace. */
  const blind = { ...nodeDisk, identity: (path: string) => still(nodeDisk.identity(path)) }
  const still = (identity: Identity | undefined) => identity && { ...identity, mtime: 9e15, ctime: 9e15 }

  it('the task runs once more, and no third time, however much it discovered', async () => {
    const project = await compiling(() => {}, { disk: blind })
    project.write('src/main.c', 'a.h\nb.h')
    expect(await project.run('cc')).toMatchObject({ ran: ['cc', 'cc'], states: { cc: 'done' } })
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('an edit in the middle of a run shows in the content, and nothing is recorded', async () => {
    const project = await compiling((run) => run === 2 && project.write('inc/a.h', 'a2'), { disk: blind })
    expect((await project.run('cc')).endings['cc']).toMatchObject({ error: { code: 'E_INPUT_MOVED' } })
    expect((await project.run('cc')).states).toEqual({ cc: 'done' })
    expect(project.read('out')).toBe('a2')
  })
})
