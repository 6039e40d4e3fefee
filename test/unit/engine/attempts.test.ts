import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Context } from '../../../src/model/context.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** A task that copies src.txt to out.txt, with `during` in the middle of each run. */
async function copying(during: (run: number) => void): Promise<TestProject> {
  let runs = 0
  const project = await testProject(() => [
    task('copy', {
      inputs: { src: files('src.txt') },
      outputs: ['out.txt'],
      run: () => {
        runs += 1
        const text = project.read('src.txt')
        during(runs)
        project.write('out.txt', text)
      },
    }),
  ])
  project.write('src.txt', 'v1')
  return project
}

describe('an edit in the middle of a run', () => {
  it('makes it run once more', async () => {
    const project = await copying((run) => run === 1 && project.write('src.txt', 'v2'))
    const { ran, events, states } = await project.run('copy')
    expect([ran, states['copy'], project.read('out.txt')]).toEqual([['copy', 'copy'], 'done', 'v2'])
    const second = events.findLast((event) => event.type === 'task-started')
    expect(second).toMatchObject({ attempt: 2, reasons: [{ kind: 'moved', path: 'src.txt' }] })
    expect((await project.run('copy')).ran).toEqual([])
  })

  /** A task that copies what stands in `src.txt` for the moment of `during`, and then puts `v1` back. */
  async function takenBack(during: (run: number) => string | undefined, putBack: (path: string) => void) {
    let run = 0
    const project = await testProject(() => [
      task('copy', {
        inputs: { src: files('src.txt') },
        outputs: ['out.txt'],
        run: () => {
          run += 1
          const text = during(run)
          if (text !== undefined) project.write('src.txt', text)
          project.write('out.txt', project.read('src.txt'))
          if (text !== undefined) project.write('src.txt', 'v1')
          if (text !== undefined) putBack(project.path('src.txt'))
        },
      }),
    ])
    project.write('src.txt', 'v1')
    utimesSync(project.path('src.txt'), 1000, 1000)
    return project
  }

  it('that is taken back again does so too: what was read may be from between', async () => {
    const during = (run: number) => (run === 1 ? 'v2' : undefined)
    const project = await takenBack(during, (path) => utimesSync(path, 1000, 1000))
    const { ran, outcome } = await project.run('copy')
    expect([ran, outcome, project.read('out.txt')]).toEqual([['copy', 'copy'], 'done', 'v1'])
    expect((await project.run('copy')).ran).toEqual([])
  })

  it('each time is an error, which tells how a task says that it writes there itself', async () => {
    const project = await takenBack(
      () => 'v2',
      () => {},
    )
    const { ran, endings } = await project.run('copy')
    expect(ran).toEqual(['copy', 'copy'])
    expect(endings['copy']).toMatchObject({
      state: 'failed',
      error: {
        code: 'E_INPUT_MOVED',
        headline: 'src.txt changed while copy ran, twice',
        next: 'Let nothing write to it during the run. If the task itself does: rewrites: files("src.txt").',
      },
    })
    expect((await project.run('copy')).why['copy']).toEqual(['its last run failed'])
  })

  it('counts where a link leads to', async () => {
    const project = await copying((run) => run === 1 && project.write('real.txt', 'v2'))
    project.write('real.txt', 'v1')
    project.remove('src.txt')
    symlinkSync('real.txt', project.path('src.txt'))
    expect((await project.run('copy')).ran).toEqual(['copy', 'copy'])
    expect(project.read('out.txt')).toBe('v2')
  })

  it('counts what a need made', async () => {
    let runs = 0
    const project = await testProject(() => {
      const gen = task('gen', { outputs: ['gen.txt'], inputs: [value(1)], run: () => project.write('gen.txt', 'made') })
      const use = task('use', {
        needs: { gen },
        outputs: ['used.txt'],
        run: () => {
          runs += 1
          if (runs === 1) project.write('gen.txt', 'by hand')
          project.write('used.txt', project.read('gen.txt'))
          if (runs === 1) project.write('gen.txt', 'made')
        },
      })
      return [use]
    })
    expect((await project.run('use')).ran).toEqual(['gen', 'use', 'use'])
    expect(project.read('used.txt')).toBe('made')
  })

  it('of what a need made, before the task begins, keeps it from beginning', async () => {
    const project = await testProject(() => {
      const gen = task('gen', { outputs: ['gen.txt'], inputs: [value(1)], run: () => project.write('gen.txt', 'made') })
      return [
        task('use', {
          needs: { gen },
          outputs: ['used.txt'],
          run: () => project.write('used.txt', project.read('gen.txt')),
        }),
      ]
    })
    const { endings } = await project.run('use', {
      onEvent: (event) => event.type === 'task-started' && event.task === 'use' && project.write('gen.txt', 'by hand'),
    })
    expect(endings['use']).toMatchObject({
      error: {
        code: 'E_INPUT_MOVED',
        headline: 'gen.txt is no longer as gen made it, so use was not begun',
        next: 'Run the same command again; let nothing but its task write to it.',
      },
    })
    await project.run('use')
    expect(project.read('used.txt')).toBe('made')
  })

  it('counts a file that comes into a globbed folder, but not what tasks make there', async () => {
    let runs = 0
    const project = await testProject(() => [
      task('names', {
        inputs: { src: files('src/*.txt') },
        outputs: ['src/list.txt', 'src/made/x.txt'],
        run: ({ inputs }) => {
          runs += 1
          if (runs === 1) project.write('src/new.txt', '')
          project.write('src/list.txt', inputs.src.join(' '))
          project.write('src/made/x.txt', '')
        },
      }),
    ])
    project.write('src/a.txt', '')
    expect((await project.run('names')).ran).toEqual(['names', 'names'])
    expect(project.read('src/list.txt')).toBe('src/a.txt src/new.txt')
    expect((await project.run('names')).ran).toEqual([])
  })
})

describe('a task that fails', () => {
  it('tells it with the end of its log, blocks what needs it, and runs again next time', async () => {
    let broken = true
    const project = await testProject(() => {
      const a = task('a', {
        inputs: [value(1)],
        run: (ctx: Context) => {
          ctx.log('first\nsecond')
          if (broken) throw new Error('it broke')
        },
      })
      return [task('b', { needs: { a }, run: () => 1 })]
    })
    const { outcome, endings, events } = await project.run('b')
    expect(outcome).toBe('failed')
    expect(endings).toMatchObject({
      a: { state: 'failed', error: { code: 'E_UNEXPECTED', headline: 'Error: it broke' } },
      b: { state: 'blocked', by: 'a' },
    })
    const [failed] = Object.values(endings).filter((ending) => ending.state === 'failed')
    expect(failed?.tail?.slice(0, 2)).toEqual(['first', 'second'])
    expect(readFileSync(failed?.logFile ?? '', 'utf8')).toContain('first\nsecond\nError: it broke\n')
    expect(events.at(-1)).toMatchObject({ type: 'run-ended', outcome: 'failed', counts: { failed: 1, blocked: 1 } })
    broken = false
    expect(await project.run('b')).toMatchObject({ ran: ['a', 'b'], why: { a: ['its last run failed'] } })
  })

  it('is not fresh when the edit that broke it is taken back: its result is put back', async () => {
    const project = await copying(() => {
      if (project.read('src.txt') === 'broken') throw new Error('broken')
    })
    await project.run('copy')
    project.write('src.txt', 'broken')
    await project.run('copy')
    project.write('src.txt', 'v1')
    expect(await project.run('copy')).toMatchObject({ ran: [], restored: ['copy'] })
    expect(project.read('out.txt')).toBe('v1')
  })

  it('leaves nothing that the next run would add to', async () => {
    let broken = true
    const project = await testProject(() => [
      task('a', {
        inputs: [value(1)],
        outputs: ['log.txt'],
        run: () => {
          appendFileSync(project.path('log.txt'), 'line\n')
          if (broken) throw new Error('half-way')
        },
      }),
    ])
    await project.run('a')
    broken = false
    await project.run('a')
    expect(project.read('log.txt')).toBe('line\n')
  })

  it('is told together with every other failure, with and without keep-going', async () => {
    const project = await testProject(() => {
      const both = Promise.withResolvers<void>()
      let begun = 0
      const failing = (name: string) =>
        task(name, {
          run: async () => {
            begun += 1
            if (begun === 2) both.resolve()
            await both.promise
            throw new Error(name)
          },
        })
      const [x, y] = [failing('x'), failing('y')]
      return [task('all', { needs: { x, y } })]
    })
    const { states } = await project.run('all')
    expect(states).toEqual({ x: 'failed', y: 'failed', all: 'blocked' })
  })

  it('without keep-going lets nothing else begin, with it all that can', async () => {
    const project = await testProject(() => [
      task('bad', {
        run: () => {
          throw new Error('bad')
        },
      }),
      task('good', { run: () => 1 }),
    ])
    expect((await project.run(['bad', 'good'], { jobs: 1 })).states).toEqual({ bad: 'failed', good: 'stopped' })
    expect((await project.run(['bad', 'good'], { jobs: 1, keepGoing: true })).states).toEqual({
      bad: 'failed',
      good: 'done',
    })
  })

  it('by not making its output', async () => {
    const project = await testProject(() => [task('a', { outputs: ['out.txt'], run: () => {} })])
    expect((await project.run('a')).endings['a']).toMatchObject({
      error: { code: 'E_OUTPUT_MISSING', headline: 'Task a ended well but did not make out.txt' },
    })
    expect((await project.run('a')).ran).toEqual(['a'])
  })

  it('with something that is no error', async () => {
    const project = await testProject(() => [
      task('a', {
        run: () => {
          throw 'just text'
        },
      }),
    ])
    expect((await project.run('a')).endings['a']).toMatchObject({
      error: { code: 'E_UNEXPECTED', headline: 'just text' },
    })
  })
})

describe('a run that is stopped', () => {
  it('ends what runs, begins nothing, and the task runs again next time', async () => {
    const stop = new AbortController()
    const project = await testProject(() => {
      const a = task('a', {
        inputs: [value(1)],
        run: (ctx) =>
          new Promise((_resolve, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('aborted')))),
      })
      return [task('b', { needs: { a }, run: () => 1 })]
    })
    const { states, outcome } = await project.run('b', {
      stop: { signal: stop.signal, hurry: new AbortController().signal },
      onEvent: (event) => event.type === 'task-started' && setImmediate(() => stop.abort()),
    })
    expect([states, outcome]).toEqual([{ a: 'stopped', b: 'stopped' }, 'stopped'])
    const project2 = project.open()
    expect(project2.state.history('a', 'task').last).toBe('crashed')
    expect((await project.forecasts('a'))[0]?.reasons).toEqual([{ kind: 'last-attempt', outcome: 'crashed' }])
  })

  it('before it began does nothing', async () => {
    const project = await testProject(() => [task('a', { run: () => 1 })])
    const signal = AbortSignal.abort()
    expect(await project.run('a', { stop: { signal, hurry: signal } })).toMatchObject({ ran: [], outcome: 'stopped' })
  })
})

describe('a task that was killed in the middle', () => {
  it('is not fresh though everything looks right: its output is put back, or made anew', async () => {
    const project = await copying(() => {})
    await project.run('copy')
    const dead = project.open()
    dead.state.open('boot')
    dead.state.write('task', { type: 'intent', task: 'copy', at: 0 })
    // Nothing is closed: the process is gone.
    const [forecast] = await project.forecasts('copy')
    expect(forecast?.reasons).toEqual([{ kind: 'last-attempt', outcome: 'crashed' }])
    expect(await project.run('copy')).toMatchObject({ ran: [], restored: ['copy'] })
    dead.state.write('task', { type: 'intent', task: 'copy', at: 0 })
    expect((await project.run('copy', { force: true })).ran).toEqual(['copy'])
    expect((await project.run('copy')).ran).toEqual([])
  })
})

describe('the log', () => {
  it('that cannot be written does not stop the task', async () => {
    const project = await testProject(() => [task('a', { run: (ctx) => ctx.log('x') })])
    mkdirSync(project.path('.cache/lakitu/logs'), { recursive: true })
    symlinkSync('/dev/full', project.path('.cache/lakitu/logs/a.log'))
    const { outcome, events } = await project.run('a')
    expect(outcome).toBe('done')
    expect(events).toContainEqual(expect.objectContaining({ type: 'task-log', line: 'x' }))
    rmSync(project.path('.cache/lakitu/logs/a.log'))
  })
})
