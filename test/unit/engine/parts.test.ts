import { describe, expect, expectTypeOf, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { input, witness } from '../../../src/define/outputs.ts'
import { task } from '../../../src/define/task.ts'
import type { AnyTask, Output } from '../../../src/model/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'

type Use = (gen: AnyTask) => Readonly<Record<string, ReturnType<typeof input>>>

/** `gen` writes what `made` holds, `use` takes what `inputs` says of it. */
async function generating(inputs: Use, outputs: readonly (string | Output)[] = ['gen']) {
  const made: Record<string, string> = { 'gen/a.d.ts': 'a', 'gen/sub/b.d.ts': 'b', 'gen/a.js': 'code' }
  const taken: unknown[] = []
  const project: TestProject = await testProject(() => {
    const gen = task('gen', {
      inputs: { made: value(() => ({ ...made })) },
      outputs,
      run: () => {
        for (const [path, text] of Object.entries(made)) project.write(path, text)
        return Object.values(made).join()
      },
    })
    const use = task('use', {
      inputs: inputs(gen),
      outputs: ['out'],
      run: (ctx) => {
        taken.push(ctx.inputs)
        project.write('out', '')
      },
    })
    return [use]
  })
  return { project, made, taken }
}

describe('a part of what a need makes', () => {
  it('counts, and nothing else of the need: neither its other outputs nor its value', async () => {
    const { project, made, taken } = await generating((gen) => ({ types: input(gen, '**/*.d.ts') }))
    expect((await project.run('use')).ran).toEqual(['gen', 'use'])
    expect(taken).toEqual([{ types: ['gen/a.d.ts', 'gen/sub/b.d.ts'] }])
    made['gen/a.js'] = 'other code'
    expect(await project.plan('use')).toEqual({ gen: 'will', use: 'may' })
    expect((await project.run('use')).ran).toEqual(['gen'])
    made['gen/a.d.ts'] = 'other types'
    expect(await project.run('use')).toMatchObject({
      ran: ['gen', 'use'],
      why: { use: ['inputs › types › gen/a.d.ts changed'] },
    })
    made['gen/c.d.ts'] = 'new'
    expect((await project.run('use')).why['use']).toEqual([
      expect.stringContaining('inputs › types › gen/c.d.ts is new'),
    ])
    expect((await project.run('use')).ran).toEqual([])
  })

  it.each([
    [['*.d.ts'], ['gen/a.d.ts']],
    [['gen/**/*.d.ts'], ['gen/a.d.ts', 'gen/sub/b.d.ts']],
    [['./sub/*'], ['gen/sub/b.d.ts']],
    [['**/*', '!**/*.d.ts'], ['gen/a.js']],
    [[], ['gen/a.d.ts', 'gen/a.js', 'gen/sub/b.d.ts']],
  ])('is meant by the path from the root, or that in the output folder: %j', async (patterns, expected) => {
    const { project, taken } = await generating((gen) => ({ part: input(gen, ...patterns) }))
    await project.run('use')
    expect(taken).toEqual([{ part: expected }])
  })

  it('may be of a witness folder', async () => {
    const { project, taken } = await generating((gen) => ({ part: input(gen, '*.ts') }), [witness('gen', 'a.d.ts')])
    await project.run('use')
    expect(taken).toEqual([{ part: ['gen/a.d.ts'] }])
  })

  it('that nothing matches is an error, which names what is there', async () => {
    const { project } = await generating((gen) => ({ types: input(gen, '**/*.css') }))
    const { endings, ran } = await project.run('use')
    expect(ran).toEqual(['gen', 'use'])
    expect(endings['use']).toMatchObject({
      error: {
        code: 'E_EMPTY_PART',
        headline: 'use takes **/*.css of what gen makes, and nothing there matches',
        facts: { 'gen made': 'gen/a.d.ts, gen/a.js, gen/sub/b.d.ts' },
        family: 'usage',
      },
    })
  })

  it('of a need that always runs is what it made just now', async () => {
    let text = 'one'
    const project = await testProject(() => {
      const gen = task('gen', { always: true, outputs: ['gen.txt'], run: () => project.write('gen.txt', text) })
      return [task('use', { inputs: [input(gen)], outputs: ['out'], run: () => project.write('out', '') })]
    })
    expect((await project.run('use')).ran).toEqual(['gen', 'use'])
    expect((await project.run('use')).ran).toEqual(['gen'])
    text = 'two'
    expect((await project.run('use')).ran).toEqual(['gen', 'use'])
  })

  it('of a need that was left out is empty', async () => {
    const taken: unknown[] = []
    const project = await testProject(() => {
      const gen = task('gen', { outputs: ['gen'], mayBeLeftOut: true, run: (ctx) => ctx.leaveOut('not today') })
      return [task('use', { inputs: { part: input(gen, '*.ts') }, run: (ctx) => void taken.push(ctx.inputs.part) })]
    })
    expect((await project.run('use')).states).toEqual({ gen: 'skipped', use: 'done' })
    expect(taken).toEqual([[]])
    expect(await project.plan('use')).toEqual({ gen: 'will', use: 'may' })
    expect((await project.run('use')).ran).toEqual(['gen'])
  })

  it('is not promised to be taken while the need has yet to run', async () => {
    const { project } = await generating((gen) => ({ types: input(gen, '**/*.d.ts') }))
    await project.run('use')
    project.remove('.cache')
    expect(await project.plan('use')).toEqual({ gen: 'will', use: 'will' })
    await project.run('use')
    project.remove('gen')
    expect(await project.plan('use')).toEqual({ gen: 'will', use: 'may' })
  })
})

describe('input(…) among the inputs', () => {
  it('takes paths, lists of them, and what tasks make beside them', async () => {
    const { project, taken } = await generating((gen) => ({
      one: input('src/[id].txt'),
      more: input(['z.txt', 'src']),
      all: input(gen),
      both: input(['z.txt', gen]),
    }))
    project.write('src/[id].txt', '')
    project.write('z.txt', '')
    await project.run('use')
    const all = ['gen/a.d.ts', 'gen/a.js', 'gen/sub/b.d.ts']
    expect(taken).toEqual([{ one: ['src/[id].txt'], more: ['src/[id].txt', 'z.txt'], all, both: [...all, 'z.txt'] }])
    project.write('z.txt', 'edited')
    expect((await project.run('use')).why['use']).toEqual([
      'inputs › both › z.txt changed',
      'inputs › more › z.txt changed',
    ])
  })

  it('is typed: a list of paths, and patterns only of tasks', () => {
    const gen = task('gen', { outputs: ['gen'], command: ['true'] })
    task('use', {
      inputs: { types: input(gen, '*.ts'), src: input('a'), other: files('b') },
      run: (ctx) => {
        expectTypeOf(ctx.inputs.types).toEqualTypeOf<readonly string[]>()
        expectTypeOf(ctx.inputs.src).toEqualTypeOf<readonly string[]>()
      },
    })
    // @ts-expect-error A path has no parts: files() takes patterns.
    input('src', '*.ts')
    // @ts-expect-error A number is neither a path nor a task.
    input(7)
  })
})
