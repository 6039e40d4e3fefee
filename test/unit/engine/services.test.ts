import { once } from 'node:events'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { service } from '../../../src/define/service.ts'
import { effect, task } from '../../../src/define/task.ts'
import { accept } from '../../../src/engine/accept.ts'
import { select } from '../../../src/graph/select.ts'
import type { Event } from '../../../src/model/event.ts'
import { made, never, story } from '../../support/serving.ts'

describe('a service', () => {
  it('is started for a stale task, which gets its value when it is ready, and ends after it', async () => {
    const { project, programs } = await made()
    programs.does('/bin/server', (server) => {
      expect(project.has('got')).toBe(false)
      server.say('port 81')
    })
    expect(story(await project.run('get'))).toEqual([
      'server started',
      'server ready',
      'get started',
      'get done',
      'server stopped',
      'server served',
    ])
    expect([project.read('got'), programs.last('/bin/server').stops]).toEqual(['81', 1])
  })

  it('is not started for a fresh one, nor by a look', async () => {
    const { project, programs } = await made()
    programs.says('/bin/server', 'port 81')
    await project.run('get')
    const again = await project.run('get')
    expect([again.states, again.ran]).toEqual([{ server: 'idle', get: 'fresh' }, []])
    expect(await project.plan('get')).toEqual({ server: 'idle', get: 'fresh' })
    project.write('in', 'two')
    expect(await project.plan('get')).toEqual({ server: 'will', get: 'will' })
    expect(programs.all.length).toBe(1)
  })

  it('counts by its facts, not by its value', async () => {
    const { project, programs } = await made()
    programs.says('/bin/server', 'port 81')
    await project.run('get')
    programs.says('/bin/server', 'port 82')
    expect((await project.run('get')).ran).toEqual([])
    project.write('site', 'two')
    expect((await project.run('get')).why['get']).toEqual(['needs › server changed'])
    expect(project.read('got')).toBe('82')
  })

  it('that ends before it is ready has failed; what needs it is blocked', async () => {
    const { project, programs } = await made()
    programs.does('/bin/server', (server) => {
      server.say('address in use')
      server.exit(98)
    })
    const { endings, outcome } = await project.run('get')
    expect(endings).toMatchObject({
      server: {
        state: 'failed',
        error: {
          code: 'E_SERVICE_ENDED',
          headline: 'Service server ended before it was ready',
          facts: { how: '/bin/server exited with code 98', said: 'address in use' },
          next: 'lakitu log server shows what it said. Its program has to stay in the foreground.',
        },
        tail: ['address in use'],
      },
      get: { state: 'blocked', by: 'server' },
    })
    expect(outcome).toBe('failed')
  })

  it('that is not ready in time is stopped and has failed', async () => {
    const { project, programs } = await made()
    const { endings } = await project.run('get')
    expect(endings['server']).toMatchObject({
      state: 'failed',
      error: {
        code: 'E_SERVICE_NOT_READY',
        headline: 'Service server was not ready within 30.0 s and was stopped',
        facts: { probe: 'not yet' },
      },
    })
    expect(programs.all.map(({ stops }) => stops)).toEqual([1])
  })

  it('that ends while a task needs it has failed, and the task is stopped', async () => {
    const { project, programs } = await made(({ server }) => ({
      long: task('long', { needs: { server }, command: ['/bin/long'] }),
    }))
    programs.says('/bin/server', 'port 81')
    programs.does('/bin/long', () => programs.last('/bin/server').exit(1))
    const { endings, outcome } = await project.run('long')
    expect(endings).toMatchObject({
      server: { state: 'failed', error: { headline: 'Service server ended while long needed it' } },
      long: { state: 'stopped' },
    })
    expect([outcome, programs.last('/bin/long').stops]).toEqual(['failed', 1])
  })

  it('that needs another one starts after it and ends before it', async () => {
    const { project, programs } = await made(({ server }) => {
      const front = service('front', {
        needs: { server },
        command: ['/bin/front'],
        ready: ({ needs, output }) => (output === '' ? null : `front of ${needs.server}`),
      })
      return {
        last: task('last', { needs: { front }, always: true, run: ({ needs }) => project.write('got', needs.front) }),
      }
    })
    programs.says('/bin/server', 'port 81')
    programs.says('/bin/front', 'here')
    const ran = await project.run('last')
    expect(story(ran).filter((line) => /ready|stopped/.test(line))).toEqual([
      'server ready',
      'front ready',
      'front stopped',
      'server stopped',
    ])
    expect(project.read('got')).toBe('front of 81')
  })

  it('that was asked for runs until the run is stopped, and lets another lakitu write meanwhile', async () => {
    const { project, programs } = await made(() => ({ other: task('other', { run: () => {}, always: true }) }))
    programs.says('/bin/server', 'port 81')
    const stop = new AbortController()
    const { promise: ready, resolve } = Promise.withResolvers<void>()
    const running = project.run('server', {
      stop: { signal: stop.signal, hurry: new AbortController().signal },
      onEvent: ({ type }) => type === 'service-ready' && resolve(),
    })
    await ready
    expect((await project.run('other', { wait: false })).outcome).toBe('done')
    stop.abort()
    expect(story(await running)).toEqual(['server started', 'server ready', 'server stopped', 'server served'])
  })

  it('that reads what is edited while a task uses it does not let that be recorded', async () => {
    const { project, programs } = await made(({ server }) => ({
      long: task('long', { needs: { server }, command: ['/bin/long'] }),
    }))
    programs.says('/bin/server', 'port 81')
    programs.does('/bin/long', (program) => {
      project.write('site', 'two')
      project.write('site', 'one')
      program.exit(0)
    })
    expect((await project.run('long')).endings['long']).toMatchObject({
      state: 'failed',
      error: { code: 'E_INPUT_MOVED', headline: 'site changed while long ran, twice' },
    })
  })

  it('whose need may change it may have to be started; what comes before it is in the plan as well', async () => {
    const { project, programs } = await made(() => {
      const gen = task('gen', {
        inputs: { in: files('in') },
        outputs: ['site2'],
        cache: false,
        run: () => project.write('site2', 'same'),
      })
      const tools = task('tools', { always: true, run: () => {} })
      const back = service('back', { needs: { gen }, after: [tools], command: ['/bin/back'], ready: () => 1 })
      return { tools, user: task('user', { needs: { back }, inputs: { site: files('site') }, command: ['/bin/user'] }) }
    })
    programs.does('/bin/user', (user) => user.exit(0))
    await project.run('user')
    expect(await project.plan('user')).toEqual({ gen: 'fresh', back: 'idle', user: 'fresh' })
    project.write('in', 'two')
    expect(await project.plan('user')).toEqual({ gen: 'will', tools: 'may', back: 'may', user: 'may' })
    expect((await project.run('user')).ran).toEqual(['gen'])
    project.write('site', 'two')
    expect(await project.plan('user')).toEqual({ gen: 'fresh', tools: 'will', back: 'will', user: 'will' })
    expect((await project.run('user')).ran).toEqual(['tools', 'back', 'user'])
    expect(await project.plan('back')).toEqual({ gen: 'fresh', tools: 'will', back: 'will' })
  })

  it('is nothing to accept; what needs it is accepted without it', async () => {
    const { project, programs } = await made()
    programs.says('/bin/server', 'port 81')
    await project.run('get')
    project.write('site', 'two')
    const opened = project.open()
    const by = (name: string) =>
      accept(opened, select(opened.graph, [name]), { command: 'accept', pid: 1, wait: false }, never)
    await expect(by('server')).rejects.toThrow('server is a service and has no record, so there is nothing to accept')
    expect((await by('get')).map(({ onFaith }) => onFaith[0])).toEqual([
      'that this makes no difference: needs › server changed',
    ])
    expect([(await project.run('get')).ran, programs.all.length]).toEqual([[], 1])
  })

  it('hands an effect’s probe no value where it does not run', async () => {
    const asked: unknown[] = []
    const { project, programs } = await made(({ server }) => ({
      up: effect('up', {
        needs: { server },
        probe: ({ needs }) => {
          asked.push(needs.server)
          return 'up'
        },
        run: () => {},
      }),
    }))
    programs.says('/bin/server', 'port 81')
    await project.run('up')
    expect(asked).toEqual([81, 81, 81])
    await project.run('up')
    expect(asked.at(-1)).toBe(undefined)
  })

  it('with a function lasts as long as what that promises, and cannot read by itself', async () => {
    const { project } = await made(() => {
      let said = ''
      const inside = service('inside', {
        run: async ({ signal, log }) => {
          said = 'inside'
          await once(signal, 'abort')
          log('good bye')
        },
        ready: () => said || null,
      })
      const reads = service('reads', {
        run: (ctx) => 'read' in ctx && typeof ctx.read === 'function' && ctx.read('in'),
        ready: () => null,
      })
      return {
        user: task('user', { needs: { inside }, always: true, run: ({ needs }) => project.write('got', needs.inside) }),
        reader: task('reader', { needs: { reads }, always: true, run: () => {} }),
      }
    })
    const { events } = await project.run('user')
    expect(project.read('got')).toBe('inside')
    expect(events).toContainEqual(expect.objectContaining({ type: 'task-log', task: 'inside', line: 'good bye' }))
    expect((await project.run('reader')).endings['reads']).toMatchObject({ error: { code: 'E_SERVICE_READ' } })
  })

  it('ends also where the run breaks', async () => {
    const { project, programs } = await made()
    programs.says('/bin/server', 'port 81')
    const onEvent = (event: Event) => {
      if (event.type === 'task-ended' && event.task === 'get') throw new Error('a broken view')
    }
    await expect(project.run('get', { onEvent })).rejects.toThrow('a broken view')
    expect(programs.last('/bin/server').stops).toBe(1)
  })
})

it('hands its value over typed: to a run always, to a probe where it runs', () => {
  const port = service('port', { command: ['x'], ready: ({ output }) => (output === '' ? null : output.length) })
  task('run', { needs: { port, all: [port] }, run: ({ needs }) => expectTypeOf(needs.port).toEqualTypeOf<number>() })
  effect('look', {
    needs: { port, all: [port] },
    probe: ({ needs }) => {
      expectTypeOf(needs.port).toEqualTypeOf<number | undefined>()
      expectTypeOf(needs.all).toEqualTypeOf<readonly (number | undefined)[]>()
      return 1
    },
    run: ({ needs }) => {
      expectTypeOf(needs.all).toEqualTypeOf<readonly number[]>()
    },
  })
  // @ts-expect-error A service says when it is ready.
  service('never', { command: ['x'] })
  // @ts-expect-error Nothing of it is kept.
  service('keeps', { command: ['x'], outputs: ['y'], ready: () => 1 })
})
