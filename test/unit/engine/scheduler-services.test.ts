import { describe, expect, it } from 'vitest'
import { node, Play } from '../../support/scheduling.ts'

describe('a service', () => {
  const server = node('server', { serves: true })
  const a = node('a', { needs: [server] })

  it('is known when it was checked, and started when a stale task waits for it', () => {
    const play = new Play()
    expect(play.want(a)).toEqual(['check server'])
    expect(play.checked(server, 'idle')).toEqual(['check a'])
    expect(play.checked(a)).toEqual(['start server for a'])
    expect(play.started(server)).toEqual(['run a'])
    expect(play.ran(a)).toEqual([])
    expect([play.scheduler.finished, play.scheduler.state(server)]).toEqual([true, 'ready'])
  })

  it('stays idle where all that needs it is fresh', () => {
    const play = new Play()
    play.want(a)
    play.checked(server, 'idle')
    expect(play.checked(a, 'fresh')).toEqual([])
    expect([play.scheduler.finished, play.scheduler.state(server)]).toEqual([true, 'idle'])
  })

  it('is started once for all, after what it needs and what comes before it', () => {
    const tools = node('tools')
    const first = node('first', { serves: true })
    const second = node('second', { serves: true, needs: [first], after: [tools] })
    const [x, y] = [node('x', { needs: [second] }), node('y', { after: [second] })]
    const play = new Play()
    play.want(x, y)
    play.checked(first, 'idle')
    play.checked(second, 'idle')
    expect(play.checked(y).toSorted()).toEqual(['check tools', 'start first for second'])
    expect(play.checked(x)).toEqual([])
    expect(play.started(first)).toEqual([])
    expect(play.checked(tools)).toEqual(['run tools'])
    expect(play.ran(tools)).toEqual(['start second for y and x'])
    expect(play.started(second)).toEqual(['run y', 'run x'])
  })

  it('that runs already is not started; with other facts it is, whoever needs it', () => {
    const up = new Play()
    up.want(a)
    up.checked(server, 'up')
    expect(up.checked(a)).toEqual(['run a'])
    const stale = new Play()
    stale.want(a)
    expect(stale.checked(server, 'stale').toSorted()).toEqual(['check a', 'start server for '])
  })

  it('that fails blocks what waits for it', () => {
    const play = new Play({ keepGoing: true })
    const late = node('late', { needs: [a] })
    play.want(late)
    play.checked(server, 'idle')
    play.checked(a)
    expect(play.started(server, 'failed')).toEqual(['blocked a by server', 'blocked late by a'])
    expect(play.scheduler.finished).toBe(true)
  })

  it('that ends too early takes with it what runs, what waits and the services that need it', () => {
    const front = node('front', { serves: true, needs: [server] })
    const [b, c] = [node('b', { needs: [front] }), node('c', { needs: [server] })]
    const play = new Play({ jobs: 1, keepGoing: true })
    play.want(b, c)
    play.checked(server, 'idle')
    play.checked(front, 'idle')
    play.checked(b)
    play.checked(c)
    play.started(server)
    expect(play.started(front)).toEqual([])
    expect(play.ended(server)).toEqual(['lost server with front and c', 'cancel front', 'cancel c', 'stopped b'])
    expect(play.ran(c, 'stopped')).toEqual([])
    expect(play.scheduler.finished).toBe(true)
  })

  it('that ends when nothing needs it any more is idle again', () => {
    const play = new Play()
    play.want(a, node('b'))
    play.checked(server, 'idle')
    play.checked(a)
    play.started(server)
    play.ran(a)
    expect([play.ended(server), play.scheduler.state(server)]).toEqual([[], 'idle'])
  })

  it('that ends after a task has failed is the cause, as far as one can tell', () => {
    const play = new Play({ keepGoing: true })
    play.want(a, node('b'))
    play.checked(server, 'idle')
    play.checked(a)
    play.started(server)
    play.ran(a, 'failed')
    expect(play.ended(server)).toEqual(['lost server with a'])
  })

  it('that was asked for holds the run until it is stopped or the service ends; in a watch it does not', () => {
    const stopped = new Play()
    stopped.want(server)
    expect(stopped.checked(server, 'idle')).toEqual(['start server for '])
    stopped.started(server)
    expect([stopped.scheduler.finished, stopped.scheduler.holds]).toEqual([false, true])
    stopped.tell({ type: 'stop' })
    expect([stopped.scheduler.finished, stopped.scheduler.holds]).toEqual([true, false])
    const lost = new Play()
    lost.want(server)
    lost.checked(server, 'idle')
    lost.started(server)
    expect([lost.ended(server), lost.scheduler.finished]).toEqual([['lost server with '], true])
    const watch = new Play({ holds: false })
    watch.want(server)
    watch.checked(server, 'idle')
    watch.started(server)
    expect(watch.scheduler.finished).toBe(true)
  })

  it('that is being started when the run is stopped keeps nothing up', () => {
    const play = new Play()
    play.want(a)
    play.checked(server, 'idle')
    play.checked(a)
    expect(play.tell({ type: 'stop' })).toEqual(['stopped a'])
    expect([play.started(server), play.scheduler.finished]).toEqual([[], true])
  })
})
