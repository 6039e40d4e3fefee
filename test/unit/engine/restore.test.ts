import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Event } from '../../../src/model/event.ts'
import { build, building, cached, notices, tree } from '../../support/building.ts'
import { type TestProject, testProject } from '../../support/project.ts'

describe('A, B, A', () => {
  it('puts back what A made, with modes, links and empty folders, and does not run', async () => {
    const project = await building()
    expect((await build(project, 'A')).ran).toEqual(['build'])
    const a = tree(project)
    await build(project, 'B')
    const b = tree(project)
    expect(a).not.toEqual(b)
    const same = statSync(project.path('build/same')).ino
    for (const [text, made] of [['A', a] as const, ['B', b] as const]) {
      expect(await build(project, text)).toMatchObject({
        ran: [],
        endings: { build: { state: 'restored', changed: true, saved: expect.any(Number) } },
      })
      expect(tree(project)).toEqual(made)
      expect(project.read('single')).toBe(text)
      // What is equal is not written again.
      expect(statSync(project.path('build/same')).ino).toBe(same)
      expect(await project.run('build')).toMatchObject({ ran: [], restored: [] })
    }
    expect(readdirSync(project.path('.cache/lakitu/restoring'))).toEqual([])
  })

  it('does not restore what was forced, and keeps what that made', async () => {
    let made = 'first'
    const project = await testProject(() =>
      task('build', { inputs: { in: files('in') }, outputs: ['out'], run: () => project.write('out', made) }),
    )
    await project.run('build')
    made = 'second'
    expect((await project.run('build', { force: true })).ran).toEqual(['build'])
    project.remove('out')
    expect((await project.run('build')).restored).toEqual(['build'])
    expect(project.read('out')).toBe('second')
  })

  it('leaves foreign files alone, and takes away what a crash left', async () => {
    const project = await building()
    await build(project, 'A')
    const a = tree(project)
    await build(project, 'B')
    project.write('build/mine', 'mine')
    const dead = project.open()
    dead.state.open('boot')
    dead.state.write('task', { type: 'intent', task: 'build', at: 0, foreign: { build: ['build/mine'], single: [] } })
    project.write('build/half', 'half')
    mkdirSync(project.path('.cache/lakitu/restoring/dead'), { recursive: true })
    expect((await build(project, 'A')).restored).toEqual(['build'])
    const { 'build/mine': mine, ...rest } = tree(project)
    expect([mine?.slice(4), rest]).toEqual(['mine', a])
    expect(existsSync(project.path('.cache/lakitu/restoring/dead'))).toBe(false)
  })

  it('puts back over files that are only foreign because the records are gone', async () => {
    const project = await building()
    await build(project, 'A')
    const a = tree(project)
    project.remove('.cache/lakitu/journal')
    expect((await project.run('build')).restored).toEqual(['build'])
    expect(tree(project)).toEqual(a)
    await build(project, 'B')
    expect(project.has('build/only-A')).toBe(false)
  })
})

describe('what is cached', () => {
  it('is also a value, and that a task ended well', async () => {
    const runs = { counted: 0, lint: 0 }
    const project = await testProject(() => {
      const counted = task('counted', {
        inputs: { in: files('in') },
        run: () => ({ n: project.read('in'), runs: ++runs.counted }),
      })
      const lint = task('lint', { inputs: { in: files('in') }, run: () => void ++runs.lint })
      return task('both', { needs: { counted, lint }, run: ({ needs }) => needs.counted })
    })
    for (const text of ['A', 'B', 'A']) {
      project.write('in', text)
      await project.run('both')
    }
    expect(runs).toEqual({ counted: 2, lint: 2 })
    expect(project.open().state.history('both', 'task').success?.value).toEqual({ n: 'A', runs: 1 })
  })

  it.each([
    ['cache: false', { cache: false }],
    ['incremental', { incremental: true }],
    ['always', { always: true }],
  ])('is nothing of a task that says %s', async (_what, options) => {
    const project = await testProject(() =>
      task('build', {
        ...options,
        inputs: { in: files('in') },
        outputs: ['out'],
        run: () => project.write('out', 'x'),
      }),
    )
    for (const text of ['A', 'B', 'A']) expect((await build(project, text)).ran).toEqual(['build'])
    expect([cached(project, 'blobs'), cached(project, 'traces')]).toEqual([[], []])
  })

  it('is nothing of a result that holds foreign files', async () => {
    const project = await building()
    project.write('build/mine', 'mine')
    expect(notices(await build(project, 'A'))).toEqual(['build holds 1 foreign file, so its result is not cached'])
    expect(cached(project, 'traces')).toEqual([])
  })

  it('is told apart by task, where two have the same facts', async () => {
    const project = await testProject(() => [
      task('one', { inputs: { in: files('in') }, run: () => 1 }),
      task('two', { inputs: { in: files('in') }, run: () => 2 }),
    ])
    for (const text of ['A', 'B', 'A']) {
      project.write('in', text)
      await project.run(['one', 'two'])
    }
    const { state } = project.open()
    expect(['one', 'two'].map((name) => state.history(name, 'task').success?.value)).toEqual([1, 2])
  })

  it('lets what depends on it be fresh when it comes to the same', async () => {
    const project = await testProject(() => {
      const half = task('half', {
        inputs: { in: files('in') },
        outputs: ['half'],
        run: () => project.write('half', String(project.read('in').length)),
      })
      return task('whole', {
        needs: { half },
        outputs: ['whole'],
        run: () => project.write('whole', project.read('half')),
      })
    })
    for (const text of ['A', 'B']) {
      project.write('in', text)
      await project.run('whole')
    }
    project.write('in', 'A')
    expect(await project.run('whole')).toMatchObject({
      ran: [],
      endings: { half: { state: 'restored', changed: false }, whole: { state: 'fresh' } },
    })
  })
})

describe('a cached result that cannot be had', () => {
  async function afterB(): Promise<TestProject> {
    const project = await building()
    await build(project, 'A')
    await build(project, 'B')
    return project
  }

  it.each<[string, (path: string) => void, string]>([
    ['was evicted', (path) => rmSync(path), 'its cached result was evicted, so it runs'],
    [
      'was damaged',
      (path) => {
        chmodSync(path, 0o644)
        writeFileSync(path, 'rubbish')
      },
      'its cached result is damaged, so it runs',
    ],
  ])('because a blob %s: nothing is replaced before that shows, and it runs', async (_what, spoil, text) => {
    const project = await afterB()
    for (const path of cached(project, 'blobs')) if (!existsSync(path) || statSync(path).size === 1) spoil(path)
    const b = tree(project)
    let seen: unknown
    project.write('in', 'A')
    const onEvent = (event: Event) => {
      if (event.type === 'notice') seen ??= tree(project)
    }
    const ran = await project.run('build', { onEvent })
    expect([ran.ran, notices(ran), seen]).toEqual([['build'], [text], b])
    // What was damaged is gone, and was stored anew.
    await build(project, 'B')
    expect((await build(project, 'A')).restored).toEqual(['build'])
  })

  it('because its trace is cut off anywhere or has a bit flipped: then there is none', async () => {
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['out'],
        run: () => project.write('out', project.read('in')),
      }),
    )
    await build(project, 'A')
    const [trace = ''] = cached(project, 'traces')
    const whole = project.read(trace.slice(project.root.length))
    const { results } = project.open().state
    const key = trace.slice(-64) as Parameters<typeof results.read>[0]
    expect(results.read(key)).toHaveLength(1)
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(trace, whole.slice(0, length))
      expect(results.read(key)).toEqual([])
      writeFileSync(trace, `${whole.slice(0, length)}#${whole.slice(length + 1)}`)
      expect(results.read(key)).toEqual([])
    }
    project.remove('out')
    expect(await project.run('build')).toMatchObject({ ran: ['build'], outcome: 'done' })
    truncateSync(trace, 10)
    project.remove('out')
    expect((await project.run('build')).ran).toEqual(['build'])
    project.remove('out')
    expect((await project.run('build')).restored).toEqual(['build'])
  })

  it('because it names paths that are not the task’s own', async () => {
    const project = await testProject(() =>
      task('build', { inputs: [value(1)], outputs: ['out'], run: () => project.write('out', 'x') }),
    )
    await project.run('build')
    const [trace = ''] = cached(project, 'traces')
    const { results } = project.open().state
    const key = trace.slice(-64) as Parameters<typeof results.read>[0]
    for (const [made] of [results.read(key)]) {
      if (made) results.put(key, { ...made, outputs: { ...made.outputs, 'out/../mine': 'folder 755' } })
    }
    project.remove('out')
    expect((await project.run('build')).ran).toEqual(['build'])
    expect(project.has('mine')).toBe(false)
  })
})

describe('two steps of the look-up', () => {
  /** Reads main.h by a depfile and, if that says so, more.h. */
  async function including(): Promise<TestProject> {
    const project = await testProject(() =>
      task('compile', {
        inputs: { main: files('main.c') },
        outputs: ['out'],
        depfile: 'out.d',
        run: () => {
          const more = project.read('a.h') === 'more'
          project.write('out', `${project.read('a.h')} ${more ? project.read('b.h') : ''}`)
          project.write('out.d', `out: a.h${more ? ' b.h' : ''}\n`)
        },
      }),
    )
    project.write('main.c', 'main')
    project.write('b.h', 'b1')
    return project
  }

  it('find the run that read the same headers', async () => {
    const project = await including()
    const seen = new Map<string, string>()
    const steps = ['alone b1', 'more b1', 'more b2', 'alone b2', 'more b1', 'more b2']
    const states = []
    for (const step of steps) {
      const [a = '', b = ''] = step.split(' ')
      project.write('a.h', a)
      project.write('b.h', b)
      const { states: ended } = await project.run('compile')
      states.push(ended['compile'])
      const out = project.read('out')
      expect(out).toBe(a === 'more' ? `more ${b}` : 'alone ')
      seen.set(step, out)
    }
    expect(states).toEqual(['done', 'done', 'done', 'restored', 'restored', 'restored'])
    project.write('a.h', 'other')
    expect((await project.run('compile')).ran).toEqual(['compile'])
  })

  it('keep sixteen runs, and forget the one that was not used for longest', async () => {
    const project = await including()
    const go = async (n: number) => {
      project.write('a.h', `v${n}`)
      return (await project.run('compile')).states['compile']
    }
    for (let n = 0; n < 16; n += 1) expect(await go(n)).toBe('done')
    expect(await go(0)).toBe('restored')
    expect(await go(16)).toBe('done')
    expect([await go(0), await go(1)]).toEqual(['restored', 'done'])
  })

  it('take nothing that another task makes since', async () => {
    let generated = false
    const project = await testProject(() => [
      ...(generated
        ? [task('gen', { inputs: [value(1)], outputs: ['a.h'], run: () => project.write('a.h', 'a') })]
        : []),
      task('use', { inputs: { in: files('in') }, run: ({ read }) => read('a.h') ?? '' }),
    ])
    project.write('a.h', 'a')
    for (const text of ['A', 'B']) {
      project.write('in', text)
      await project.run('use')
    }
    generated = true
    project.write('in', 'A')
    expect((await project.run('use')).endings['use']).toMatchObject({ error: { code: 'E_UNDECLARED_NEED' } })
  })
})
