import { chmodSync, renameSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { env, files, value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { reasonText } from '../../../src/model/reason.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** src/*.txt → joined.txt → upper.txt, counting how often each ran. */
async function chain(): Promise<TestProject> {
  const project = await testProject(() => {
    const join = task('join', {
      inputs: { src: files('src/*.txt') },
      outputs: ['out/joined.txt'],
      run: ({ inputs }) =>
        project.write('out/joined.txt', inputs.src.map((path) => project.read(path).trim()).join(' ')),
    })
    const upper = task('upper', {
      inputs: { joined: files('out/joined.txt') },
      outputs: ['out/upper.txt'],
      run: () => project.write('out/upper.txt', project.read('out/joined.txt').toUpperCase()),
    })
    return [join, upper]
  })
  project.write('src/a.txt', 'one')
  project.write('src/b.txt', 'two')
  return project
}

describe('a second run', () => {
  it('does nothing', async () => {
    const project = await chain()
    expect((await project.run('upper')).ran).toEqual(['join', 'upper'])
    expect(project.read('out/upper.txt')).toBe('ONE TWO')
    const again = await project.run('upper')
    expect(again).toMatchObject({ ran: [], outcome: 'done', states: { join: 'fresh', upper: 'fresh' } })
    expect(await project.plan('upper')).toEqual({ join: 'fresh', upper: 'fresh' })
  })

  it('after a touch does nothing', async () => {
    const project = await chain()
    await project.run('upper')
    utimesSync(project.path('src/a.txt'), 5, 5)
    expect((await project.run('upper')).ran).toEqual([])
  })

  it('after an edit runs what is behind it, and says why', async () => {
    const project = await chain()
    await project.run('upper')
    project.write('src/a.txt', 'uno')
    const { ran, why } = await project.run('upper')
    expect(ran).toEqual(['join', 'upper'])
    expect(why).toEqual({
      join: ['inputs › src › src/a.txt changed'],
      upper: ['inputs › joined › out/joined.txt changed'],
    })
    expect(project.read('out/upper.txt')).toBe('UNO TWO')
  })

  it('after an edit that changes nothing stops there', async () => {
    const project = await chain()
    await project.run('upper')
    project.write('src/a.txt', 'one\n\n')
    expect(await project.run('upper')).toMatchObject({
      ran: ['join'],
      states: { upper: 'fresh' },
      endings: { join: { state: 'done', changed: false } },
    })
  })

  it.each<[string, (project: TestProject) => void, string]>([
    ['a new file', (p) => p.write('src/c.txt', 'three'), 'src/c.txt is new'],
    ['a removed file', (p) => p.remove('src/b.txt'), 'src/b.txt is gone'],
    ['a renamed file', (p) => renameSync(p.path('src/b.txt'), p.path('src/d.txt')), 'src/d.txt is new'],
    ['another mode', (p) => chmodSync(p.path('src/a.txt'), 0o755), 'src/a.txt changed'],
    [
      'an edit of the same size with the old mtime',
      (p) => {
        const { atime, mtime } = statSync(p.path('src/a.txt'))
        p.write('src/a.txt', 'ONE')
        utimesSync(p.path('src/a.txt'), atime, mtime)
      },
      'src/a.txt changed',
    ],
    [
      'a link in place of the file',
      (p) => {
        renameSync(p.path('src/a.txt'), p.path('a.txt'))
        symlinkSync('../a.txt', p.path('src/a.txt'))
      },
      'src/a.txt changed',
    ],
  ])('sees %s', async (_what, change, reason) => {
    const project = await chain()
    await project.run('upper')
    change(project)
    const { why } = await project.run('upper')
    expect(why['join']?.join('; ')).toContain(reason)
    expect((await project.run('upper')).ran).toEqual([])
  })

  it.each<[string, (project: TestProject) => void, string, ran?: string]>([
    ['was deleted', (p) => p.remove('out/joined.txt'), 'output out/joined.txt is missing'],
    ['was edited', (p) => p.write('out/joined.txt', 'x'), 'output out/joined.txt is not as it was made'],
    [
      'became a folder',
      (p) => {
        p.remove('out/joined.txt')
        p.write('out/joined.txt/x', '')
      },
      'output out/joined.txt is not as it was made',
      // What is in the folder is not the cache's to remove.
      'join',
    ],
  ])('makes again an output that %s, and what is behind it is fresh', async (_what, change, reason, ran) => {
    const project = await chain()
    await project.run('upper')
    change(project)
    expect((await project.forecasts('upper'))[0]?.reasons.map(reasonText)).toEqual([reason])
    expect(await project.run('upper')).toMatchObject({
      ran: ran === undefined ? [] : [ran],
      states: { join: ran === undefined ? 'restored' : 'done', upper: 'fresh' },
    })
    expect(project.read('out/joined.txt')).toBe('one two')
  })
})

describe('A, B, A', () => {
  it('ends with the outputs of A, without a run', async () => {
    const project = await chain()
    const both = ['join', 'upper']
    for (const [text, ran, restored] of [
      ['one', both, []] as const,
      ['zwei', both, []] as const,
      ['one', [], both] as const,
    ]) {
      project.write('src/a.txt', text)
      expect(await project.run('upper')).toMatchObject({ ran, restored })
      expect(project.read('out/upper.txt')).toBe(`${text} two`.toUpperCase())
    }
  })
})

describe('facts', () => {
  it('count a variable of the environment that is declared, and no other one', async () => {
    const environment: Record<string, string | undefined> = { PATH: '/bin', OTHER: '1' }
    const project = await testProject(
      () => [task('a', { inputs: { mode: env('MODE') }, cache: false, run: ({ inputs }) => inputs.mode })],
      {
        environment,
      },
    )
    await project.run('a')
    environment['OTHER'] = '2'
    expect((await project.run('a')).ran).toEqual([])
    environment['MODE'] = 'debug'
    expect((await project.run('a')).why).toEqual({ a: ['inputs › mode › MODE: null → "debug"'] })
    environment['MODE'] = ''
    expect((await project.run('a')).ran).toEqual(['a'])
    delete environment['MODE']
    expect((await project.run('a')).ran).toEqual(['a'])
  })

  it('count the part of a value that is picked, and its order only where it is a list', async () => {
    let cluster: Record<string, unknown> = { hosts: ['a', 'b'], size: { cpus: 1, memory: 2 } }
    const project = await testProject(() => {
      const whole = value(() => cluster)
      return [
        task('hosts', { inputs: { hosts: whole.pick((c) => c['hosts']) }, run: ({ inputs }) => inputs.hosts }),
        task('size', { inputs: { size: whole.pick((c) => c['size']) }, run: ({ inputs }) => inputs.size }),
      ]
    })
    await project.run(['hosts', 'size'])
    cluster = { size: { memory: 2, cpus: 1 }, hosts: ['b', 'a'] }
    expect((await project.run(['hosts', 'size'])).why).toEqual({
      hosts: ['inputs › hosts › 0: "a" → "b"', 'inputs › hosts › 1: "b" → "a"'],
    })
  })

  it('count a file that is declared and not there', async () => {
    const project = await testProject(() => [
      task('a', { inputs: { maybe: files('maybe.txt') }, cache: false, run: () => project.has('maybe.txt') }),
    ])
    await project.run('a')
    project.write('maybe.txt', '')
    expect((await project.run('a')).ran).toEqual(['a'])
    project.remove('maybe.txt')
    expect((await project.run('a')).ran).toEqual(['a'])
  })

  it('count the platform, and where asked for the folder', async () => {
    const project = await testProject(() => [task('a', { inputs: [value(1)], run: () => 1 })])
    await project.run('a')
    const elsewhere = await testProject(() => [task('a', { inputs: [value(1)], run: () => 1 })], { arch: 'other' })
    const facts = async (p: TestProject) => {
      await p.run('a')
      return p.open().state.history('a', 'task').success?.facts
    }
    expect(await facts(project)).toMatchObject({ platform: 'testix-t64' })
    expect(await facts(elsewhere)).toMatchObject({ platform: 'testix-other' })
  })

  it('that are no JSON are an error that says where', async () => {
    const project = await testProject(() => [
      task('input', { inputs: { x: value({ at: [new Date(0)] }) }, run: () => 1 }),
      task('output', { inputs: { x: value(1) }, run: () => ({ size: Number.NaN }) }),
    ])
    const { endings } = await project.run(['input', 'output'], { keepGoing: true })
    expect(endings).toMatchObject({
      input: {
        error: {
          code: 'E_NOT_JSON',
          headline: 'x of task input is not JSON: $.at[0] is an instance of Date, which JSON cannot hold',
        },
      },
      output: { error: { headline: 'The value of task output is not JSON: $.size is NaN, which JSON cannot hold' } },
    })
  })
})

describe('values', () => {
  it('reach dependents, typed lists and all, and cut off early when equal', async () => {
    let n = 1
    const got: unknown[] = []
    const project = await testProject(() => {
      const one = task('one', { inputs: { n: value(() => n) }, run: ({ inputs }) => ({ odd: inputs.n % 2 }) })
      const many = [0, 1].map((i) => task(`m${i}`, { inputs: { i: value(i) }, run: () => i * 10 }))
      const sum = task('sum', {
        needs: { one, many },
        run: ({ needs }) => {
          got.push(needs)
          return needs.many.length + needs.one.odd
        },
      })
      return [sum]
    })
    await project.run('sum')
    expect(got).toEqual([{ one: { odd: 1 }, many: [0, 10] }])
    n = 3
    expect((await project.run('sum')).ran).toEqual(['one'])
    n = 4
    expect((await project.run('sum')).ran).toEqual(['one', 'sum'])
  })

  it('of a task with neither value nor outputs are its facts', async () => {
    let text = 'x'
    const project = await testProject(() => {
      const check = task('check', { inputs: { text: value(() => text) }, run: () => undefined })
      return [task('after-check', { needs: { check }, run: () => 1 })]
    })
    await project.run('after-check')
    text = 'y'
    expect((await project.run('after-check')).ran).toEqual(['check', 'after-check'])
  })
})

describe('force', () => {
  it('runs the named tasks and no other', async () => {
    const project = await chain()
    await project.run('upper')
    expect(await project.run('upper', { force: true })).toMatchObject({ ran: ['upper'], why: { upper: ['forced'] } })
  })
})

describe('a task that is always to run', () => {
  it('runs each time, and what needs it only when its result is another one', async () => {
    let answer = 1
    const project = await testProject(() => {
      const ping = task('ping', { always: true, inputs: { x: value(1) }, run: () => answer })
      const nothing = task('nothing', { run: () => answer })
      return [task('user', { needs: { ping, nothing }, run: () => undefined })]
    })
    expect((await project.run('user')).ran).toEqual(['ping', 'nothing', 'user'])
    expect((await project.run('user')).ran).toEqual(['ping', 'nothing'])
    answer = 2
    expect((await project.run('user')).ran).toEqual(['ping', 'nothing', 'user'])
  })

  it('has the folders above its outputs made, and is not held for nothing', async () => {
    const project = await testProject(() => [
      task('report', {
        always: true,
        outputs: ['deep/er/report.txt'],
        // Nothing that makes folders by itself.
        run: () => renameSync(project.path('ready.txt'), project.path('deep/er/report.txt')),
      }),
    ])
    project.write('ready.txt', '1')
    expect((await project.run('report')).outcome).toBe('done')
    project.write('ready.txt', '2')
    expect((await project.run('report')).outcome).toBe('done')
  })
})

describe('after', () => {
  it('orders, but is no fact and not looked at for a fresh task', async () => {
    let tools = 1
    const project = await testProject(() => {
      const host = task('host', { inputs: { tools: value(() => tools) }, run: () => tools })
      return [task('up', { after: [host], inputs: { src: files('src') }, run: () => 1 })]
    })
    project.write('src', '1')
    expect((await project.run('up')).ran).toEqual(['host', 'up'])
    tools = 2
    expect(await project.run('up')).toMatchObject({ ran: [], states: { up: 'fresh' } })
    project.write('src', '2')
    expect((await project.run('up')).ran).toEqual(['host', 'up'])
  })
})

describe('a task that was left out', () => {
  const tasks = (leave: () => boolean, got: unknown[]) => () => {
    const nomad = task('nomad', {
      mayBeLeftOut: true,
      inputs: { x: value(1) },
      outputs: ['nomad.bin'],
      run: (ctx): { version: number } => {
        if (leave()) ctx.leaveOut('no binary for this machine')
        return { version: 2 }
      },
    })
    return [task('smoke', { needs: { nomad }, run: ({ needs }) => void got.push(needs.nomad) })]
  }

  it('says so, its dependents run with undefined, and it is tried again each time', async () => {
    const got: unknown[] = []
    const project = await testProject(tasks(() => true, got))
    expect(await project.run('smoke')).toMatchObject({
      outcome: 'done',
      endings: { nomad: { state: 'skipped', reason: 'no binary for this machine' } },
    })
    expect(got).toEqual([undefined])
    expect(await project.run('smoke')).toMatchObject({
      ran: ['nomad'],
      why: { nomad: ['it was left out last time'] },
      states: { smoke: 'fresh' },
    })
  })

  it('without having said that it may be is an error of the config', async () => {
    const project = await testProject(() => [task('a', { run: (ctx) => ctx.leaveOut('why not') })])
    expect((await project.run('a')).endings['a']).toMatchObject({
      error: { code: 'E_MAY_NOT_BE_LEFT_OUT', family: 'usage' },
    })
  })
})
