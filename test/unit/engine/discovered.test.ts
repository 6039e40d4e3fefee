import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files, value } from '../../../src/define/inputs.ts'
import { witness } from '../../../src/define/outputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Ports } from '../../../src/engine/ports.ts'
import type { Identity } from '../../../src/ports/disk.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

/**
 * Something like a C compiler: copies main.c and what it includes, a line each, to out, and writes a depfile. An include is
 * looked for in src, then in inc.
 */
function compile(project: TestProject, during: () => void = () => {}): void {
  // Opened as written: `..` is for the system to follow.
  const place = (path: string) => (path.startsWith('/') ? path : `${project.root}/${path}`)
  const lines = project.read('src/main.c').split('\n')
  const included = lines.map((name) => {
    const found = [name, `src/${name}`, `inc/${name}`].find((path) => existsSync(place(path)))
    if (found === undefined) throw new Error(`${name} not found`)
    return found
  })
  const text = included.map((path) => readFileSync(place(path), 'utf8'))
  during()
  project.write('out', text.join(' '))
  project.write('out.d', `out: src/main.c ${included.join(' \\\n  ')}\n`)
}

async function compiling(during: (run: number) => void = () => {}, ports: Partial<Ports> = {}): Promise<TestProject> {
  let runs = 0
  const cc = () =>
    task('cc', {
      inputs: { main: files('src/main.c') },
      outputs: ['out'],
      depfile: 'out.d',
      run: () => {
        runs += 1
        compile(project, () => during(runs))
      },
    })
  const project = await testProject(() => [cc()], ports)
  project.write('src/main.c', 'a.h')
  project.write('inc/a.h', 'a1')
  project.write('inc/b.h', 'b1')
  await settleTimes()
  return project
}

const recorded = (project: TestProject, name: string) =>
  Object.keys(project.open().state.history(name, 'task').success?.discovered ?? {})

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

describe('ctx.read', () => {
  /** Looks for a header in src, then in inc. */
  const looking = () =>
    testProject(() => [
      task('find', {
        outputs: ['out'],
        inputs: [value(1)],
        run: ({ read }) => project(read('src/a.h') ?? read('inc/a.h') ?? 'nowhere'),
      }),
    ])
  let project: (text: string) => void = () => {}
  const open = async () => {
    const made = await looking()
    project = (text) => made.write('out', text)
    return made
  }

  it('answers the text, and what is not there counts as well: a file that shadows is a reason', async () => {
    const found = await open()
    found.write('inc/a.h', 'inc')
    await found.run('find')
    expect(found.open().state.history('find', 'task').success?.discovered).toEqual({
      'inc/a.h': expect.stringMatching(/^file/),
      'src/a.h': 'absent',
    })
    expect((await found.run('find')).ran).toEqual([])
    found.write('src/a.h', 'src')
    expect(await found.run('find')).toMatchObject({ ran: ['find'], why: { find: ['discovered › src/a.h is new'] } })
    expect(found.read('out')).toBe('src')
    expect(recorded(found, 'find')).toEqual(['src/a.h'])
    found.write('inc/a.h', 'no longer read')
    expect((await found.run('find')).ran).toEqual([])
    found.remove('src/a.h')
    expect((await found.run('find')).why).toEqual({ find: ['discovered › src/a.h is gone'] })
    expect(found.read('out')).toBe('no longer read')
  })

  it('below a file finds nothing, and a link that leads nowhere is nothing', async () => {
    const found = await open()
    found.write('src', 'a file')
    mkdirSync(found.path('inc'))
    symlinkSync('nowhere', found.path('inc/a.h'))
    await found.run('find')
    expect(found.read('out')).toBe('nowhere')
    expect((await found.run('find')).ran).toEqual([])
    found.write('inc/nowhere', 'now')
    await found.run('find')
    expect(found.read('out')).toBe('now')
  })

  it('of a path that moves afterwards makes the task run once more', async () => {
    let runs = 0
    const found = await testProject(() => [
      task('a', {
        inputs: [value(1)],
        run: ({ read }) => {
          const text = read('x')
          runs += 1
          if (runs === 1) found.write('x', 'later')
          return text ?? null
        },
      }),
    ])
    expect((await found.run('a')).ran).toEqual(['a', 'a'])
    expect(found.open().state.history('a', 'task').success?.value).toBe('later')
  })

  it('lists a declared input, and what the task itself made, not once more', async () => {
    const found = await testProject(() => [
      task('a', {
        inputs: { src: files('src') },
        outputs: ['out', 'build'],
        run: ({ read }) => {
          found.write('out', `${read('src')}`)
          found.write('build/x', '1')
          return [read('out'), read('./build/x'), read(found.path('src'))]
        },
      }),
    ])
    found.write('src', 'text')
    await found.run('a')
    const { success } = found.open().state.history('a', 'task')
    expect([success?.value, success?.discovered]).toEqual([['text', '1', 'text'], undefined])
  })

  it('of a folder is an error that says what to do', async () => {
    const found = await testProject(() => [task('a', { inputs: [value(1)], run: ({ read }) => read('src') ?? '' })])
    found.write('src/x', '')
    expect((await found.run('a')).endings['a']).toMatchObject({
      error: { code: 'E_NOT_A_FILE', headline: 'Task a wants to read src, which is a folder', family: 'usage' },
    })
  })
})

describe('what another task makes', () => {
  const generating = (needs: 'none' | 'direct' | 'through another', how: 'depfile' | 'read') =>
    testProject(async_(needs, how))
  let made: TestProject
  const async_ = (needs: string, how: string) => () => {
    const gen = task('gen', {
      inputs: { from: files('gen.txt') },
      outputs: ['build/gen.h'],
      run: () => made.write('build/gen.h', made.read('gen.txt')),
    })
    const headers = task('headers', { needs: { gen } })
    const use = task('use', {
      needs: needs === 'direct' ? { gen } : needs === 'none' ? {} : { headers },
      inputs: [value(1)],
      outputs: ['out'],
      ...(how === 'depfile' ? { depfile: 'out.d' } : {}),
      run: ({ read }) => {
        made.write('out', (how === 'read' ? read('build/gen.h') : made.read('build/gen.h')) ?? 'none')
        if (how === 'depfile') made.write('out.d', 'out: build/gen.h')
      },
    })
    return [gen, use]
  }
  const start = async (needs: 'none' | 'direct' | 'through another', how: 'depfile' | 'read') => {
    made = await generating(needs, how)
    made.write('gen.txt', 'g1')
    return made
  }

  it.each(['depfile', 'read'] as const)('without being a need fails the run (%s)', async (how) => {
    const project = await start('none', how)
    await project.run('gen')
    const { endings } = await project.run('use')
    expect(endings['use']).toMatchObject({
      error: {
        code: 'E_UNDECLARED_NEED',
        headline: 'use read build/gen.h, which gen makes: it needs gen',
        next: 'Add gen to the needs of use, so that it runs first.',
        family: 'usage',
      },
    })
    expect((await project.run('use')).ran).toEqual(['use'])
  })

  it('fails it also where the function catches the error, and where links lead there', async () => {
    const project = await testProject(() => [
      task('gen', { inputs: [value(1)], outputs: ['build/gen.h'], run: () => project.write('build/gen.h', 'g') }),
      task('use', {
        inputs: [value(1)],
        run: ({ read }) => {
          try {
            return read('link/gen.h') ?? ''
          } catch {
            return ''
          }
        },
      }),
    ])
    symlinkSync('build', project.path('link'))
    await project.run('gen')
    expect((await project.run('use')).endings['use']).toMatchObject({ error: { code: 'E_UNDECLARED_NEED' } })
  })

  it.each([
    ['direct', 'depfile'],
    ['direct', 'read'],
    ['through another', 'depfile'],
    ['through another', 'read'],
  ] as const)('and is needed, %s, is an input like others (%s)', async (needs, how) => {
    const project = await start(needs, how)
    const order = needs === 'direct' ? ['gen', 'use'] : ['gen', 'headers', 'use']
    // Not twice, though what it reads was made this very moment.
    expect((await project.run('use')).ran).toEqual(order)
    expect((await project.run('use')).ran).toEqual([])
    project.write('gen.txt', 'g2')
    const plan = await project.plan('use')
    expect([plan['gen'], plan['use']]).toEqual(['will', 'may'])
    expect((await project.run('use')).ran).toEqual(order)
    expect(project.read('out')).toBe('g2')
  })

  it('promises nothing for what was edited by hand and is about to be made again', async () => {
    const project = await start('through another', 'depfile')
    await project.run('use')
    project.write('build/gen.h', 'by hand')
    expect(await project.plan('use')).toEqual({ gen: 'will', headers: 'may', use: 'may' })
    expect(await project.run('use')).toMatchObject({ ran: [], restored: ['gen'] })
  })

  it('since the config changed is a reason to run, and then an error', async () => {
    let generated = false
    const project = await testProject(() => [
      ...(generated
        ? [task('gen', { inputs: [value(1)], outputs: ['a.h'], run: () => project.write('a.h', 'a') })]
        : []),
      task('use', { inputs: [value(1)], run: ({ read }) => read('a.h') ?? '' }),
    ])
    project.write('a.h', 'a')
    await project.run('use')
    generated = true
    expect(await project.plan('use')).toEqual({ use: 'will' })
    const { why, endings } = await project.run('use')
    expect(why['use']).toEqual(['discovered › a.h: made by no task → made by gen'])
    expect(endings['use']).toMatchObject({ error: { code: 'E_UNDECLARED_NEED' } })
  })

  it('in a folder that the task adds to is its own business', async () => {
    const project = await testProject(() => {
      const venv = task('venv', {
        inputs: [value(1)],
        outputs: [witness('venv', 'cfg')],
        run: () => {
          project.write('venv/cfg', '')
          project.write('venv/lib', '')
        },
      })
      return [
        task('install', {
          outputs: [{ kind: 'updates', of: venv, files: ['installed'] }],
          run: ({ read }) => {
            project.write('venv/lib', `${read('venv/lib')}+`)
            project.write('venv/installed', '')
          },
        }),
      ]
    })
    expect((await project.run('install')).ran).toEqual(['venv', 'install'])
    expect((await project.run('install')).ran).toEqual([])
  })
})
