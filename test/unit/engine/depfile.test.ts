import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { recorded } from '../../support/compiling.ts'
import { settleTimes, testProject } from '../../support/project.ts'

describe('a depfile', () => {
  const writing = (text: string | undefined) =>
    testProject(() => [
      task('cc', {
        inputs: { main: files('main.c') },
        depfile: 'deps/cc.d',
        run: (ctx) => void (text === undefined || ctx.exec('never', []).catch(() => {})),
      }),
    ])

  it('that is not there after the run is a failure, one from before notwithstanding', async () => {
    const project = await writing(undefined)
    project.write('deps/cc.d', 'cc: from/before.h')
    const { endings } = await project.run('cc')
    expect(endings['cc']).toMatchObject({
      error: {
        code: 'E_DEPFILE_MISSING',
        headline: 'Task cc ended well but did not write its depfile deps/cc.d',
        family: 'task',
      },
    })
    expect((await project.run('cc')).why['cc']).toEqual(['its last run failed'])
  })

  it.each([
    ['cc: a.h\nnonsense\n', 'cannot be understood: no rule: there is no colon', 'out.d:2'],
    ['cc: $(X)', 'cannot be understood: a variable, which only Make could expand', 'out.d:1'],
    ['', 'cannot be understood: no rule at all', 'out.d:1'],
    ['# nothing\n', 'cannot be understood: no rule at all', 'out.d:1'],
  ])('that holds %j is a failure with its line', async (text, why, depfile) => {
    const project = await testProject(() => [
      task('cc', { inputs: [value(1)], depfile: 'out.d', run: () => project.write('out.d', text) }),
    ])
    expect((await project.run('cc')).endings['cc']).toMatchObject({
      error: { code: 'E_DEPFILE', headline: `The depfile of cc ${why}`, facts: { depfile }, family: 'task' },
    })
  })

  it('that is a folder is a failure, and stays', async () => {
    const project = await testProject(() => [task('cc', { inputs: [value(1)], depfile: 'out.d', run: () => {} })])
    project.write('out.d/precious', '')
    expect((await project.run('cc')).endings['cc']).toMatchObject({
      error: { code: 'E_DEPFILE', headline: 'The depfile of cc cannot be read' },
    })
    expect(project.has('out.d/precious')).toBe(true)
  })

  it('that names a folder is a failure, unless what is in it is declared', async () => {
    let declared: readonly string[] = ['main.c']
    const project = await testProject(() => [
      task('cc', {
        inputs: { main: files(...declared) },
        depfile: 'out.d',
        run: () => project.write('out.d', 'out: inc'),
      }),
    ])
    project.write('main.c', '')
    project.write('inc/a.h', '')
    expect((await project.run('cc')).endings['cc']).toMatchObject({
      error: {
        code: 'E_DEPFILE',
        headline: 'The depfile of cc names inc, which is a folder: what counts in it, it does not say',
        next: "Declare what the task reads there, for example files('inc/**').",
      },
    })
    declared = ['main.c', 'inc/**']
    expect((await project.run('cc')).states['cc']).toBe('done')
    expect(recorded(project, 'cc')).toEqual([])
  })

  it('names paths as the program sees them from its folder', async () => {
    const project = await testProject(() => [
      task('cc', {
        inputs: [value(1)],
        cwd: 'sub',
        depfile: 'out.d',
        run: () => project.write('out.d', 'out: a.h ../b.h ./c//d.h'),
      }),
    ])
    for (const path of ['sub/a.h', 'b.h', 'sub/c/d.h']) project.write(path, path)
    await settleTimes()
    await project.run('cc')
    expect(recorded(project, 'cc')).toEqual(['b.h', 'sub/a.h', 'sub/c/d.h'])
  })

  it('that names a device counts that it is one', async () => {
    const project = await testProject(() => [
      task('cc', { inputs: [value(1)], depfile: 'out.d', run: () => project.write('out.d', 'out: /dev/null') }),
    ])
    expect((await project.run('cc')).ran).toEqual(['cc'])
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('in a folder that a glob visits is no file that came', async () => {
    const project = await testProject(() => [
      task('cc', {
        inputs: { all: files('**') },
        depfile: 'deps/cc.d',
        run: () => project.write('deps/cc.d', 'out: main.c'),
      }),
    ])
    project.write('main.c', '')
    expect((await project.run('cc')).ran).toEqual(['cc'])
    expect((await project.run('cc')).ran).toEqual([])
  })
})
