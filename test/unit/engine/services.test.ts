import { once } from 'node:events'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files } from '../../../src/define/inputs.ts'
import { service } from '../../../src/define/service.ts'
import { effect, task } from '../../../src/define/task.ts'
import { accept } from '../../../src/engine/accept.ts'
import { Memory } from '../../../src/engine/memory.ts'
import { Services } from '../../../src/engine/services.ts'
import { select } from '../../../src/graph/select.ts'
import type { Event } from '../../../src/model/event.ts'
import { FakePrograms } from '../../support/fake-programs.ts'
import { type Ran, type TestProject, testProject } from '../../support/project.ts'
import { until } from '../../support/until.ts'

/** A server and what uses it; the server is ready when it has said its port. */
function tasks(project: () => TestProject) {
  const server = service('server', {
    inputs: { site: files('site') },
    command: ['/bin/server'],
    ready: ({ output }) => {
      const port = /port (\d+)/.exec(output)?.[1]
      return port === undefined ? null : Number(port)
    },
  })
  const get = task('get', {
    needs: { server },
    inputs: { in: files('in') },
    outputs: ['got'],
    cache: false,
    run: ({ needs }) => project().write('got', String(needs.server)),
  })
  return { server, get }
}

async function made(extra: (made: ReturnType<typeof tasks>) => object = () => ({})) {
  const programs = new FakePrograms()
  const project: TestProject = await testProject(
    () => {
      const both = tasks(() => project)
      return { ...both, ...extra(both) }
    },
    { processes: programs.port, disk: { ...nodeDisk, mayExecute: () => true } },
  )
  project.write('site', 'one')
  project.write('in', 'one')
  return { project, programs }
}

const never = new AbortController().signal

/** What was told of each task, in order. */
function story({ events }: Pick<Ran, 'events'>): readonly string[] {
  return events.flatMap((event: Event) => {
    if (event.type === 'task-ended') return [`${event.task} ${event.ending.state}`]
    if (event.type === 'task-started') return [`${event.task} started`]
    return event.type === 'service-ready' || event.type === 'service-stopped'
      ? [`${event.task} ${event.type.slice('service-'.length)}`]
      : []
  })
}

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

  it('of a watch is started anew when one that it needs has ended', async () => {
    const { project, programs } = await made(({ server }) => {
      const front = service('front', {
        needs: { server },
        command: ['/bin/front'],
        ready: ({ output }) => output || null,
      })
      return { user: task('user', { needs: { front }, inputs: { in: files('in') }, run: () => {} }) }
    })
    const services = new Services()
    programs.says('/bin/server', 'port 81')
    programs.says('/bin/front', 'here')
    await project.run('user', { services })
    programs.last('/bin/server').exit(1)
    project.write('in', 'two')
    expect((await project.run('user', { services })).ran).toEqual(['server', 'front', 'user'])
    expect(programs.all.map(({ program, stops }) => `${program} ${stops}`)).toEqual([
      '/bin/server 0',
      '/bin/front 1',
      '/bin/server 0',
      '/bin/front 0',
    ])
    await services.stop()
  })

  it('of a watch that failed is not tried again while nothing is different', async () => {
    const { project, programs } = await made()
    const watch = { services: new Services(), memory: new Memory() }
    programs.does('/bin/server', (server) => server.exit(98))
    await project.run('get', watch)
    project.write('in', 'two')
    expect((await project.run('get', watch)).endings).toMatchObject({
      server: { state: 'failed', still: true },
      get: { state: 'blocked' },
    })
    expect(programs.all.length).toBe(1)
    project.write('site', 'two')
    programs.says('/bin/server', 'port 81')
    expect((await project.run('get', watch)).ran).toEqual(['server', 'get'])
    await watch.services.stop()
  })

  it('of a watch that reads nothing and failed is not tried again either', async () => {
    const { project, programs } = await made(() => {
      const bare = service('bare', { command: ['/bin/bare'], ready: () => null })
      return { user: task('user', { needs: { bare }, always: true, run: () => {} }) }
    })
    const watch = { services: new Services(), memory: new Memory() }
    programs.does('/bin/bare', (bare) => bare.exit(98))
    await project.run('user', watch)
    expect((await project.run('user', watch)).endings['bare']).toMatchObject({ state: 'failed', still: true })
    expect(programs.all.length).toBe(1)
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

  it('that is to be started anew when the run is stopped is not', async () => {
    const { project, programs } = await made()
    const services = new Services()
    programs.says('/bin/server', 'port 81')
    await project.run('get', { services })
    const stop = new AbortController()
    project.write('site', 'two')
    const onEvent = (event: Event) => {
      if (event.type === 'task-started' && event.task === 'server') stop.abort()
    }
    await project.run('get', { services, stop: { signal: stop.signal, hurry: never }, onEvent })
    await services.stop()
    expect(programs.all.map(({ stops }) => stops)).toEqual([1])
  })

  it('that is gone from what is watched ends', async () => {
    const { project, programs } = await made(() => ({ other: task('other', { always: true, run: () => {} }) }))
    const services = new Services()
    programs.says('/bin/server', 'port 81')
    await project.run('get', { services })
    await project.run('other', { services })
    expect(programs.last('/bin/server').stops).toBe(1)
  })

  it('that was begun for a task that is stopped ends unready, also in a watch', async () => {
    const { project, programs } = await made(() => ({
      bad: task('bad', {
        always: true,
        run: () => {
          throw new Error('no')
        },
      }),
    }))
    const services = new Services()
    const { states } = await project.run(['get', 'bad'], { services })
    expect(states).toMatchObject({ bad: 'failed', get: 'stopped', server: 'stopped' })
    expect(programs.last('/bin/server').stops).toBe(1)
  })

  it('of a watch stays up between runs, and is started anew when its facts change', async () => {
    const { project, programs } = await made()
    const services = new Services()
    programs.says('/bin/server', 'port 81')
    await project.run('get', { services })
    expect(programs.all.map(({ stops }) => stops)).toEqual([0])
    project.write('in', 'two')
    expect((await project.run('get', { services })).ran).toEqual(['get'])
    programs.says('/bin/server', 'port 82')
    project.write('site', 'two')
    const { why } = await project.run('get', { services })
    expect(why).toEqual({ server: ['inputs › site › site changed'], get: ['needs › server changed'] })
    expect([project.read('got'), programs.all.map(({ stops }) => stops)]).toEqual(['82', [1, 0]])
    await services.stop()
    expect(programs.all.map(({ stops }) => stops)).toEqual([1, 1])
  })

  it('of a watch that ends by itself between runs is told of, and started again for the next that needs it', async () => {
    const { project, programs } = await made()
    const services = new Services()
    const events: Event[] = []
    programs.says('/bin/server', 'port 81')
    await project.run('get', { services, onEvent: (event) => events.push(event) })
    programs.last('/bin/server').exit(1)
    const told = await until('a notice', () => events.find((event) => event.type === 'notice'))
    expect(told).toMatchObject({
      text: 'it ended by itself (/bin/server exited with code 1), and is started again when something needs it',
    })
    project.write('in', 'two')
    expect((await project.run('get', { services })).ran).toEqual(['server', 'get'])
    await services.stop()
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
