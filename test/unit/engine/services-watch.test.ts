import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { service } from '../../../src/define/service.ts'
import { task } from '../../../src/define/task.ts'
import { Memory } from '../../../src/engine/memory.ts'
import { Services } from '../../../src/engine/services.ts'
import type { Event } from '../../../src/model/event.ts'
import { made, never } from '../../support/serving.ts'
import { until } from '../../support/until.ts'

describe('a service', () => {
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
