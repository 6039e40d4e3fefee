import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { env, value } from '../../../src/define/inputs.ts'
import { secret } from '../../../src/define/secret.ts'
import { effect, task, undo } from '../../../src/define/task.ts'
import type { TaskSource } from '../../../src/model/config.ts'
import type { Context } from '../../../src/model/context.ts'
import type { Secret } from '../../../src/model/secret.ts'
import { type TestProject, testProject } from '../../support/project.ts'
import { sayingProcesses } from '../../support/said.ts'

const text = 'hunter2-of-the-cluster'
const token = secret({ env: 'TOKEN' })

/** A project in whose environment the secret is. */
function withToken(tasks: () => TaskSource, ports: Parameters<typeof testProject>[1] = {}): Promise<TestProject> {
  return testProject(tasks, { environment: { PATH: process.env['PATH'], TOKEN: text }, ...ports })
}

/** Everything that the project holds on disk, as one text. */
function allFiles({ root }: TestProject): string {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => readFileSync(file, 'latin1')).join('\n')
}

async function running(run: (ctx: Context<never, { token: typeof token }>) => unknown) {
  const said = sayingProcesses(() => [`it is ${text}`], 7)
  const project = await withToken(
    () => [task('x', { inputs: { token }, outputs: ['out'], run: run as () => unknown })],
    { processes: said.processes },
  )
  const ran = await project.run('x')
  return { project, ran, requests: said.requests, error: ran.endings['x'] }
}

describe('a secret', () => {
  it('is handed over closed, and opened by ctx.secret alone', async () => {
    let handle: unknown
    const project = await withToken(() => [
      task('x', {
        inputs: { token },
        outputs: ['out'],
        run: (ctx) => {
          expectTypeOf(ctx.inputs.token).toEqualTypeOf<Secret>()
          // @ts-expect-error A text is no handle.
          expect(() => ctx.secret('TOKEN')).toThrow('ctx.secret opens what ctx.inputs hands over')
          handle = ctx.inputs.token
          project.write('out', String(ctx.secret(ctx.inputs.token).length))
        },
      }),
    ])
    expect((await project.run('x')).outcome).toBe('done')
    expect(project.read('out')).toBe(String(text.length))
    const shown = [String(handle), JSON.stringify({ handle }), inspect(handle, { showHidden: true })]
    expect(shown.join()).toBe('[secret: variable TOKEN],{"handle":"[secret: variable TOKEN]"},[secret: variable TOKEN]')
  })

  it('counts: another text is a reason to run, the same is none', async () => {
    const environment: Record<string, string> = { TOKEN: text }
    const tasks = () => [task('x', { inputs: { token }, run: () => {} })]
    const project = await testProject(tasks, { environment })
    await project.run('x')
    expect((await project.run('x')).ran).toEqual([])
    environment['TOKEN'] = 'another one'
    expect((await project.run('x')).why['x']).toEqual(['inputs › token › variable TOKEN changed'])
    expect(statSync(project.path('.lakitu/key'))).toMatchObject({ size: 32, mode: 0o100600 })
  })

  it('is taken from a file, without the line break at its end', async () => {
    const project = await testProject(() => [
      task('x', {
        inputs: { token: secret({ file: 'my/token' }) },
        run: (ctx) => ctx.secret(ctx.inputs.token).length,
      }),
    ])
    project.write('my/token', `${text}\n`)
    await project.run('x')
    expect(project.open().state.history('x', 'task').success?.value).toBe(text.length)
    project.write('my/token', `${text}!\n`)
    expect((await project.run('x')).why['x']).toEqual(['inputs › token › file my/token changed'])
  })

  it.each([
    [{ env: 'NONE' }, 'E_SECRET_MISSING', 'The secret in the variable NONE is not set'],
    [{ env: 'EMPTY' }, 'E_SECRET_MISSING', 'The secret in the variable EMPTY is not set'],
    [{ file: 'none' }, 'E_SECRET_MISSING', 'The secret in the file none is not there, or empty'],
    [
      { env: 'SHORT' },
      'E_SECRET_UNFIT',
      'The secret in the variable SHORT has fewer than 4 characters, so it cannot be masked',
    ],
  ] as const)('that is not there, or none, is an error of the world: %j', async (from, code, headline) => {
    const project = await testProject(() => [task('x', { inputs: { token: secret(from) }, run: () => {} })], {
      environment: { EMPTY: '', SHORT: 'abc' },
    })
    expect((await project.run('x')).endings['x']).toMatchObject({ error: { code, headline, family: 'world' } })
  })

  it('leaves a reader nothing to write: without the key its task is stale', async () => {
    const project = await withToken(() => [task('x', { inputs: { token }, run: () => {} })])
    expect(await project.plan('x')).toEqual({ x: 'will' })
    expect(project.has('.lakitu')).toBe(false)
    await project.run('x')
    expect(await project.plan('x')).toEqual({ x: 'fresh' })
    project.remove('.lakitu/key')
    expect(await project.plan('x')).toEqual({ x: 'will' })
    expect(project.has('.lakitu/key')).toBe(false)
  })
})

describe('an opened secret', () => {
  it('is refused in argv, before anything is started', async () => {
    const { ran, requests } = await running((ctx) => ctx.exec('true', ['--token', `x${ctx.secret(ctx.inputs.token)}`]))
    expect(ran.endings['x']).toMatchObject({
      error: { code: 'E_SECRET_IN_ARGV', facts: { secret: 'variable TOKEN', word: 'argument 2' }, family: 'usage' },
    })
    expect(requests).toEqual([])
  })

  it('may go into the environment of a program and its standard input; what that says is masked', async () => {
    const { project, ran, requests } = await running(async (ctx) => {
      const opened = ctx.secret(ctx.inputs.token)
      const { stdout } = await ctx.exec('true', [], { env: { T: opened }, input: opened, okCodes: [7] })
      expect(stdout).toBe(`it is ${text}`)
    })
    expect(requests[0]).toMatchObject({ env: { T: text }, input: text })
    expect(ran.events).toContainEqual(expect.objectContaining({ type: 'task-log', line: 'it is ***' }))
    expect(project.read('.cache/lakitu/logs/x.log')).toContain('it is ***')
    expect(allFiles(project)).not.toContain(text)
  })

  it.each<[string, (ctx: Context<never, { token: typeof token }>) => unknown]>([
    ['a log', (ctx) => ctx.log(`one\n${ctx.secret(ctx.inputs.token)}\nthree`)],
    ['a warning', (ctx) => ctx.warn(ctx.secret(ctx.inputs.token))],
    ['progress', (ctx) => ctx.progress(ctx.secret(ctx.inputs.token))],
    ['an error', (ctx) => Promise.reject(new Error(ctx.secret(ctx.inputs.token)))],
    ['what a failed program said last', (ctx) => ctx.exec('true')],
    ['JSON', (ctx) => ctx.log(JSON.stringify([ctx.secret(ctx.inputs.token)]))],
  ])('is masked in %s', async (_, run) => {
    const { project, ran } = await running(run)
    const told = JSON.stringify([ran.events, ran.endings])
    expect(told).toContain('***')
    expect(told).not.toContain(text)
    expect(allFiles(project)).not.toContain(text)
  })

  it('is masked also where another task says it, and before an error is shortened', async () => {
    const long = `${'x'.repeat(490)}${text}`
    const said = sayingProcesses(() => [long], 7)
    const project = await withToken(
      () => [
        task('knows', { inputs: { token }, run: () => {} }),
        task('says', { always: true, run: (ctx) => ctx.exec('true').then(() => {}) }),
      ],
      { processes: said.processes },
    )
    const told = JSON.stringify(await project.run('says'))
    expect(told).toContain('x***')
    expect(told).not.toContain(text.slice(0, 6))
  })

  it('of several lines is masked line by line, from four characters on', async () => {
    const key = '-----BEGIN KEY-----\nabc\nline-two-of-it\n-----END KEY-----'
    const project = await testProject(
      () => [
        task('x', {
          inputs: { token },
          run: (ctx) => {
            ctx.log(ctx.secret(ctx.inputs.token))
            ctx.log('line-two-of-it and abc')
          },
        }),
      ],
      { environment: { TOKEN: key } },
    )
    const { events } = await project.run('x')
    const lines = events.flatMap((event) => (event.type === 'task-log' ? [event.line] : []))
    expect(lines).toEqual(['***', 'abc', '***', '***', '*** and abc'])
  })

  it.each<[string, (opened: string) => unknown]>([
    ['text', (opened) => `x ${opened}`],
    ['a record', (opened) => ({ deep: [{ [opened]: 1 }] })],
  ])('is refused in a value: %s', async (_, make) => {
    const { project, ran } = await running((ctx) => make(ctx.secret(ctx.inputs.token)))
    expect(ran.endings['x']).toMatchObject({
      error: { code: 'E_SECRET_IN_VALUE', facts: { secret: 'variable TOKEN' } },
    })
    expect(JSON.stringify(ran)).not.toContain(text)
    expect(allFiles(project)).not.toContain(text)
  })

  it('is refused where it comes in as a plain value', async () => {
    const project = await withToken(() => [
      task('knows', { inputs: { token }, run: () => {} }),
      task('x', { inputs: { plain: value({ text }) }, run: () => {} }),
    ])
    const { endings } = await project.run('x')
    expect(endings['x']).toMatchObject({ error: { code: 'E_SECRET_IN_VALUE', facts: { place: 'inputs.plain.text' } } })
    expect(allFiles(project)).not.toContain(text)
  })
})

describe('a secret of an effect', () => {
  async function machine(change: Partial<{ probe: unknown; note: string; fails: boolean }> = {}) {
    const opened: string[] = []
    const environment: Record<string, string> = { TOKEN: text }
    const project = await testProject(
      () => {
        const up = effect('up', {
          inputs: { token, size: value(3) },
          converges: true,
          probe: (ctx) => {
            opened.push(`probe ${ctx.secret(ctx.inputs.token)}`)
            return change.probe ?? { size: 3 }
          },
          run: async (ctx) => {
            opened.push(`run ${ctx.secret(ctx.inputs.token)}`)
            await ctx.note('machine', { note: change.note ?? 'one' })
            if (change.fails) throw new Error(ctx.secret(ctx.inputs.token))
          },
          undo: (ctx) => {
            const handle = ctx.recorded.inputs.token
            expect(ctx.recorded.inputs.size).toBe(3)
            opened.push(`undo ${handle && ctx.secret(handle)}`)
            ctx.log(`gone: ${handle && ctx.secret(handle)}`)
          },
        })
        return [up, undo('down', [up])]
      },
      { environment },
    )
    return { project, opened, environment }
  }

  it('is opened in probe, run and undo, and is in no file after any of them', async () => {
    const { project, opened } = await machine()
    expect((await project.run('up')).outcome).toBe('done')
    expect(allFiles(project)).not.toContain(text)
    expect((await project.run('up')).ran).toEqual([])
    const { outcome, events } = await project.run('down')
    expect([outcome, JSON.stringify(events).includes(text)]).toEqual(['done', false])
    expect(new Set(opened)).toEqual(new Set([`probe ${text}`, `run ${text}`, `undo ${text}`]))
    expect(allFiles(project)).not.toContain(text)
  })

  it('is in no file after a failing run', async () => {
    const { project } = await machine({ fails: true })
    const ran = await project.run('up')
    expect(ran.endings['up']).toMatchObject({ error: { headline: 'Error: ***' } })
    expect(JSON.stringify(ran) + allFiles(project)).not.toContain(text)
  })

  it('is opened by an undo as it is then: missing, it is an error of the world', async () => {
    const { project, environment } = await machine()
    await project.run('up')
    delete environment['TOKEN']
    expect((await project.run('down')).endings['down']).toMatchObject({ error: { code: 'E_SECRET_MISSING' } })
  })

  it.each([
    ['what its probe answers', { probe: { token: text } }],
    ['a note', { note: text }],
  ])('is refused in %s', async (_, change) => {
    const { project } = await machine(change)
    const ran = await project.run('up')
    expect(ran.endings['up']).toMatchObject({ error: { code: 'E_SECRET_IN_VALUE' } })
    expect(JSON.stringify(ran) + allFiles(project)).not.toContain(text)
  })
})

describe('a secret that others meet', () => {
  it('is masked in what was a plain fact before', async () => {
    let isSecret = false
    const input = () => (isSecret ? secret({ env: 'TOKEN' }) : env('TOKEN'))
    const declared = () => task('a', { inputs: { token: input() }, run: () => 1 })
    const project = await testProject(declared, { environment: { TOKEN: text } })
    await project.run('a')
    isSecret = true
    expect(JSON.stringify((await project.forecasts('a')).map(({ reasons }) => reasons))).not.toContain(text)
    const { events, ran } = await project.run('a')
    expect([ran, JSON.stringify(events).includes(text)]).toEqual([['a'], false])
  })

  it('is no number in which its digits stand by chance', async () => {
    const declared = () => [
      task('pin', { inputs: { pin: secret({ env: 'PIN' }) }, run: () => 1 }),
      task('time', { inputs: { any: value(1) }, run: () => ({ at: 1_712_024_999 }) }),
      task('leak', { inputs: { any: value(1) }, run: () => ({ pin: 2024 }) }),
    ]
    const project = await testProject(declared, { environment: { PIN: '2024' } })
    const { endings } = await project.run(['pin', 'time', 'leak'], { keepGoing: true })
    expect(endings).toMatchObject({ time: { state: 'done' }, leak: { error: { code: 'E_SECRET_IN_VALUE' } } })
  })
})
