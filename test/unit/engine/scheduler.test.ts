import { describe, expect, it } from 'vitest'
import { type Order, Scheduler } from '../../../src/engine/scheduler.ts'
import type { Node } from '../../../src/graph/graph.ts'
import { forSeeds } from '../../support/random.ts'
import { node, Play } from '../../support/scheduling.ts'

describe('the scheduler', () => {
  it('checks a task when its needs are settled, and runs it when it is stale', () => {
    const a = node('a')
    const b = node('b', { needs: [a] })
    const play = new Play()
    expect(play.want(b)).toEqual(['check a'])
    expect(play.checked(a)).toEqual(['run a'])
    expect(play.ran(a)).toEqual(['check b'])
    expect(play.checked(b, 'fresh')).toEqual([])
    expect(play.scheduler.finished).toBe(true)
  })

  it('goes on after a task that was left out', () => {
    const a = node('a')
    const play = new Play()
    play.want(node('b', { needs: [a] }))
    play.checked(a)
    expect(play.ran(a, 'skipped')).toEqual(['check b'])
  })

  it('runs no more than its jobs at a time', () => {
    const [a, b, c] = [node('a'), node('b'), node('c')]
    const play = new Play({ jobs: 2 })
    expect(play.want(a, b, c)).toEqual(['check a', 'check b', 'check c'])
    expect([play.checked(c), play.checked(b), play.checked(a)]).toEqual([['run c'], ['run b'], []])
    expect(play.ran(b)).toEqual(['run a'])
  })

  it('runs one task of a pool at a time, or as many as the pool has room for', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => node(name, { pools: ['apt'] })) as [Node, Node, Node]
    const one = new Play({ jobs: 9 })
    one.want(a, b, c)
    expect([one.checked(a), one.checked(b), one.checked(c)]).toEqual([['run a'], [], []])
    expect(one.ran(a, 'failed')).toEqual(['stopped b', 'stopped c'])
    const two = new Play({ jobs: 9, pools: { apt: 2 } })
    two.want(a, b, c)
    expect([two.checked(a), two.checked(b), two.checked(c)]).toEqual([['run a'], ['run b'], []])
    expect(two.ran(b)).toEqual(['run c'])
  })

  it('takes all pools of a task at once and holds none while it waits', () => {
    const [x, y] = [node('x', { pools: ['x'] }), node('y', { pools: ['y'] })]
    const both = node('both', { pools: ['x', 'y'] })
    const play = new Play({ jobs: 9 })
    play.want(x, both, y)
    expect([play.checked(x), play.checked(both), play.checked(y)]).toEqual([['run x'], [], ['run y']])
    expect(play.ran(x)).toEqual([])
    expect(play.ran(y)).toEqual(['run both'])
  })

  it('brings what comes before a task up to date only when the task is stale', () => {
    const tools = node('tools')
    const up = node('up', { after: [tools] })
    const fresh = new Play()
    expect(fresh.want(up)).toEqual(['check up'])
    expect(fresh.checked(up, 'fresh')).toEqual([])
    expect(fresh.scheduler.state(tools)).toBeUndefined()
    const stale = new Play()
    stale.want(up)
    expect(stale.checked(up)).toEqual(['check tools'])
    expect(stale.checked(tools)).toEqual(['run tools'])
    expect(stale.ran(tools)).toEqual(['run up'])
  })

  it('blocks what needs a failed task, and what was to come after it', () => {
    const a = node('a')
    const b = node('b', { needs: [a] })
    const c = node('c', { needs: [b] })
    const late = node('late', { after: [a] })
    const play = new Play({ keepGoing: true })
    play.want(c, late)
    play.checked(late)
    play.checked(a)
    expect(play.ran(a, 'failed').toSorted()).toEqual(['blocked b by a', 'blocked c by b', 'blocked late by a'])
    expect(play.scheduler.finished).toBe(true)
  })

  it('begins nothing new after a failure, waits for what runs, and hears of its failure too', () => {
    const [a, b, c, d] = [node('a'), node('b'), node('c'), node('d')]
    const play = new Play()
    play.want(a, b, c, d)
    play.checked(a)
    play.checked(b)
    play.checked(c)
    expect(play.ran(a, 'failed')).toEqual(['stopped c', 'stopped d'])
    expect(play.scheduler.finished).toBe(false)
    expect(play.ran(b, 'failed')).toEqual([])
    expect([a, b, c, d].map((n) => play.scheduler.state(n))).toEqual(['failed', 'failed', 'stopped', 'stopped'])
    expect(play.scheduler.finished).toBe(true)
  })

  it('with keep-going runs all that does not need the failed one', () => {
    const [a, b] = [node('a'), node('b')]
    const c = node('c', { needs: [b] })
    const play = new Play({ keepGoing: true })
    play.want(a, c)
    play.checked(a, 'failed')
    expect(play.checked(b)).toEqual(['run b'])
    expect(play.ran(b)).toEqual(['check c'])
  })

  it('told to stop begins nothing more; what was not begun is stopped, not blocked', () => {
    const [a, b] = [node('a'), node('b')]
    const c = node('c', { needs: [a] })
    const play = new Play()
    play.want(c, b)
    play.checked(a)
    expect(play.tell({ type: 'stop' })).toEqual(['stopped c', 'stopped b'])
    expect(play.checked(b)).toEqual([])
    expect(play.scheduler.finished).toBe(false)
    expect(play.ran(a, 'stopped')).toEqual([])
    expect(play.scheduler.finished).toBe(true)
  })

  it('told to stop in the middle of a chain stops its end as well', () => {
    const a = node('a')
    const b = node('b', { needs: [a] })
    const play = new Play()
    play.want(b)
    expect(play.tell({ type: 'stop' }).toSorted()).toEqual(['stopped a', 'stopped b'])
    expect(play.scheduler.finished).toBe(true)
  })
})

describe('for any graph, any answers and any order of them', () => {
  it('needs come first, jobs and pools hold, everything ends and is told once', async () => {
    await forSeeds(1500, (random) => {
      const nodes: Node[] = []
      for (let i = 0; i < 2 + random.int(12); i += 1) {
        nodes.push(
          node(`t${i}`, {
            needs: nodes.filter(() => random.chance(0.2)),
            after: nodes.filter(() => random.chance(0.1)),
            pools: ['p', 'q'].filter(() => random.chance(0.2)),
            serves: random.chance(0.2),
          }),
        )
      }
      const jobs = 1 + random.int(4)
      const pools = random.chance(0.5) ? { p: 2 } : {}
      const keepGoing = random.chance(0.5)
      const scheduler = new Scheduler({ jobs, pools, keepGoing })
      const open = new Map<Node, 'check' | 'run' | 'start'>()
      const ready = new Set<Node>()
      const known = new Set<Node>()
      const cancelled = new Set<Node>()
      const isService = ({ definition }: Node) => definition.kind === 'service'
      const servicesOf = (n: Node) => [...n.requires, ...n.after].filter(isService)
      const told = new Map<Node, string>()
      const good = (n: Node) => known.has(n) || ['fresh', 'done', 'skipped'].includes(told.get(n) ?? '')
      const end = (n: Node, how: string) => {
        expect(told.has(n), `${n.name} ends once`).toBe(false)
        told.set(n, how)
      }
      let stopping = false
      const obey = (orders: readonly Order[]) => {
        for (const order of orders) {
          if (order.type === 'check') {
            expect(order.node.requires.every(good), `needs of ${order.node.name} first`).toBe(true)
            expect(stopping, 'nothing is begun while stopping').toBe(false)
            open.set(order.node, 'check')
          } else if (order.type === 'run') {
            expect(order.node.after.every(good), `after of ${order.node.name} first`).toBe(true)
            expect(stopping, 'nothing is begun while stopping').toBe(false)
            open.set(order.node, 'run')
            const running = [...open].filter(([, what]) => what === 'run').map(([n]) => n)
            expect(running.length).toBeLessThanOrEqual(jobs)
            expect(
              servicesOf(order.node).every((n) => ready.has(n)),
              `services of ${order.node.name} first`,
            ).toBe(true)
            for (const pool of ['p', 'q'] as const) {
              const used = running.filter((n) => n.definition.pools.includes(pool)).length
              expect(used).toBeLessThanOrEqual(pool === 'p' ? (pools.p ?? 1) : 1)
            }
          } else if (order.type === 'start') {
            expect(order.node.after.every(good), `after of ${order.node.name} first`).toBe(true)
            expect(
              servicesOf(order.node).every((n) => ready.has(n)),
              `services of ${order.node.name} first`,
            ).toBe(true)
            expect(stopping, 'nothing is begun while stopping').toBe(false)
            open.set(order.node, 'start')
          } else if (order.type === 'cancel') {
            cancelled.add(order.node)
            if (ready.delete(order.node)) told.set(order.node, 'stopped')
          } else if (order.type === 'lost') {
            end(order.node, 'failed')
            if (!keepGoing) stopping = true
          } else {
            if (order.type === 'blocked') {
              expect([...order.node.requires, ...order.node.after]).toContain(order.by)
              expect(['failed', 'blocked']).toContain(told.get(order.by) ?? scheduler.state(order.by))
            }
            open.delete(order.node)
            end(order.node, order.type)
          }
        }
      }
      obey(scheduler.next({ type: 'want', nodes: nodes.filter(() => random.chance(0.5)) }))
      while (open.size > 0 || scheduler.holds) {
        if (!stopping && (random.chance(0.03) || open.size === 0)) {
          stopping = true
          obey(scheduler.next({ type: 'stop' }))
          continue
        }
        if (ready.size > 0 && random.chance(0.03)) {
          const gone = random.pick([...ready])
          ready.delete(gone)
          obey(scheduler.next({ type: 'ended', node: gone }))
          continue
        }
        const [n, what] = random.pick([...open])
        open.delete(n)
        if (what === 'start') {
          const outcome = random.chance(0.1) ? 'failed' : 'ready'
          const counts = scheduler.state(n) === 'starting'
          if (counts && outcome === 'ready') ready.add(n)
          if (counts && outcome === 'failed') end(n, 'failed')
          if (counts && outcome === 'failed' && !keepGoing) stopping = true
          obey(scheduler.next({ type: 'started', node: n, outcome }))
        } else if (what === 'check' && isService(n)) {
          const verdict = random.pick(['idle', 'idle', 'up', 'stale'] as const)
          known.add(n)
          const isUp = verdict === 'up' && servicesOf(n).every((need) => ready.has(need))
          if (isUp) ready.add(n)
          obey(scheduler.next({ type: 'checked', node: n, verdict: verdict === 'up' && !isUp ? 'stale' : verdict }))
        } else if (what === 'check') {
          const verdict = random.chance(0.08) ? 'failed' : random.pick(['fresh', 'stale', 'stale'] as const)
          if (verdict !== 'stale') end(n, verdict)
          if (verdict === 'failed' && !keepGoing) stopping = true
          obey(scheduler.next({ type: 'checked', node: n, verdict }))
        } else {
          const outcome = cancelled.has(n)
            ? 'stopped'
            : random.chance(0.1)
              ? 'failed'
              : random.pick(['done', 'done', 'skipped'] as const)
          end(n, outcome)
          if (outcome === 'failed' && !keepGoing) stopping = true
          obey(scheduler.next({ type: 'ran', node: n, outcome }))
        }
      }
      expect(scheduler.finished, 'it finishes').toBe(true)
      for (const n of nodes) {
        if (!isService(n)) expect(told.has(n)).toBe(scheduler.state(n) !== undefined)
      }
      if (!stopping && cancelled.size === 0) for (const how of told.values()) expect(how).not.toBe('stopped')
    })
  })
})
