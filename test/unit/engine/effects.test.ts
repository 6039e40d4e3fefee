import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { value } from '../../../src/define/inputs.ts'
import { effect, task, undo } from '../../../src/define/task.ts'
import { ProjectState } from '../../../src/state/project.ts'
import { testProject } from '../../support/project.ts'

/** A world of machines by name. */
type World = Map<string, { readonly id: number }>

interface Options {
  readonly converges?: boolean
  readonly probe?: (world: World) => unknown
  readonly run?: (world: World) => unknown
  readonly wanted?: () => readonly string[]
}

async function machines(options: Options = {}) {
  const world: World = new Map()
  let made = 0
  const { converges = false, probe = seen, wanted = () => ['one'] } = options
  const run = (names: readonly string[]) => {
    for (const name of names) {
      made += 1
      world.set(name, { id: made })
    }
  }
  const project = await testProject(() => {
    const up = effect('vm-up', {
      inputs: { names: value(() => [...wanted()]) },
      converges,
      probe: () => probe(world) as Record<string, unknown> | null,
      run: async (ctx) => {
        for (const name of ctx.inputs.names) await ctx.note(`vm/${name}`, { name })
        if (options.run) options.run(world)
        else run(ctx.inputs.names)
      },
      undo: (ctx) => {
        undone.push(ctx.recorded)
        world.clear()
      },
    })
    const apply = task('apply', { needs: { up }, run: ({ needs }) => void applied.push(needs.up) })
    return [apply, undo('destroy', [up])]
  })
  const applied: unknown[] = []
  const undone: unknown[] = []
  return { project, world, applied, undone }
}

function seen(world: World): unknown {
  return world.size === 0 ? null : Object.fromEntries(world)
}

describe('the value of an effect', () => {
  it('is what its probe answers after the run, and reaches dependents', async () => {
    const { project, applied } = await machines()
    expect((await project.run('apply')).ran).toEqual(['vm-up', 'apply'])
    expect(applied).toEqual([{ one: { id: 1 } }])
    expect((await project.run('apply')).ran).toEqual([])
  })

  it('is probed each time: what was destroyed is made again, and dependents run for its new identity', async () => {
    const { project, world, applied } = await machines()
    await project.run('apply')
    world.clear()
    expect(await project.run('apply')).toMatchObject({ ran: ['vm-up', 'apply'], why: { 'vm-up': ['not there'] } })
    expect(applied).toEqual([{ one: { id: 1 } }, { one: { id: 2 } }])
  })

  it('that differs is told place by place', async () => {
    const { project, world } = await machines()
    await project.run('apply')
    world.set('one', { id: 77 })
    expect((await project.run('apply')).why['vm-up']).toEqual([
      'the world differs from what was recorded: one › id: 1 → 77',
    ])
  })

  it('that is not there after a run is a failure of the world', async () => {
    const { project } = await machines({ run: () => {} })
    const { endings } = await project.run('vm-up')
    expect(endings['vm-up']).toMatchObject({
      error: {
        code: 'E_NOT_SETTLED',
        family: 'world',
        headline: 'vm-up ran, but what it is to bring about does not show',
        facts: { probe: 'nothing there' },
      },
    })
    expect((await project.run('vm-up')).why['vm-up']).toEqual(['its last run failed'])
  })

  it('is read until two answers in a row agree', async () => {
    const answers = [null, { n: 1 }, { n: 2 }, { n: 2 }, { n: 3 }]
    let asked = -1
    const { project, applied } = await machines({
      probe: () => {
        asked += 1
        return answers[Math.min(asked, answers.length - 1)]
      },
    })
    const before = project.clock.now()
    expect((await project.run('apply')).outcome).toBe('done')
    expect([applied, asked]).toEqual([[{ n: 2 }], 3])
    expect(project.clock.now() - before).toBe(500)
  })

  it('that keeps changing is given up after its time', async () => {
    let n = 0
    const { project } = await machines({
      probe: () => {
        n += 1
        return { n }
      },
    })
    const before = project.clock.now()
    expect((await project.run('vm-up')).endings['vm-up']).toMatchObject({
      error: { code: 'E_NOT_SETTLED', facts: { probe: 'answers that differ' } },
    })
    expect(project.clock.now() - before).toBe(30_000)
  })

  it('without time to settle is still read twice', async () => {
    const project = await testProject(() => [effect('now', { settle: 0, probe: () => 1, run: () => {} })])
    expect((await project.run('now')).outcome).toBe('done')
  })
})

describe('a world that cannot be seen', () => {
  const blind = (converges: boolean) => {
    let sees = true
    const made = machines({
      converges,
      probe: (world) => {
        if (!sees) throw new Error('no route to host')
        return seen(world)
      },
    })
    return { made, close: () => (sees = false), open: () => (sees = true) }
  }

  it('is never fresh: without converges it fails and says what to do', async () => {
    const { made, close } = blind(false)
    const { project } = await made
    await project.run('apply')
    close()
    expect(await project.run('apply')).toMatchObject({
      ran: [],
      endings: {
        'vm-up': {
          error: {
            code: 'E_WORLD_UNKNOWN',
            family: 'world',
            facts: { probe: 'Error: no route to host' },
            next: 'Mend what keeps the probe from answering, or run it all the same: lakitu --force vm-up',
          },
        },
        apply: { state: 'blocked' },
      },
    })
  })

  it('with converges makes it run', async () => {
    const { made, close } = blind(true)
    const { project } = await made
    await project.run('vm-up')
    close()
    const { ran, why } = await project.run('vm-up')
    expect([ran, why['vm-up']]).toEqual([['vm-up'], ['its state is unknown: Error: no route to host']])
  })

  it('is also one that does not answer within 5 s', async () => {
    let silent = false
    const { project } = await machines({
      converges: true,
      probe: (world) => (silent ? new Promise(() => {}) : seen(world)),
    })
    await project.run('vm-up')
    silent = true
    const before = project.clock.now()
    const [forecast] = await project.forecasts('vm-up')
    expect(forecast?.reasons).toEqual([{ kind: 'world', what: 'unknown', detail: 'no answer within 5 s' }])
    expect(project.clock.now() - before).toBe(5000)
  })
})

describe('an effect that was interrupted', () => {
  it('is stale though its probe is happy, and is told so', async () => {
    const { project } = await machines()
    await project.run('vm-up')
    const dead = project.open()
    dead.state.open('boot')
    dead.state.write('effect', { type: 'intent', task: 'vm-up', at: 0 })
    expect(await project.run('vm-up')).toMatchObject({ ran: ['vm-up'], why: { 'vm-up': ['its last run did not end'] } })
  })

  it('gets what is known of the last attempt: outcome, notes, the last value, and what differs since', async () => {
    const previous: unknown[] = []
    let size = 1
    let broken = false
    const project = await testProject(() => [
      effect('up', {
        inputs: { size: value(() => size) },
        probe: () => ({ here: true }),
        run: async (ctx) => {
          previous.push(ctx.previous)
          await ctx.note('size', ctx.inputs.size)
          if (broken) throw new Error('half-way')
        },
      }),
    ])
    await project.run('up')
    broken = true
    size = 2
    await project.run('up')
    broken = false
    await project.run('up')
    const change = { path: ['inputs', 'size'], change: 'changed' }
    expect(previous).toEqual([
      undefined,
      { outcome: 'done', notes: { size: 1 }, value: { here: true }, changes: [change] },
      { outcome: 'failed', notes: { size: 2 }, value: { here: true }, changes: [change] },
    ])
  })
})

describe('a note', () => {
  it('is on the disk before note() is over, beside the intent', async () => {
    const found: unknown[] = []
    const project = await testProject(() => [
      effect('up', {
        probe: () => 1,
        run: async (ctx) => {
          await ctx.note('vm/one', { name: 'one' })
          // What another process would find if this one died here.
          found.push(new ProjectState(nodeDisk, project.root).history('up', 'effect'))
        },
      }),
    ])
    await project.run('up')
    expect(found).toEqual([{ last: 'crashed', notes: { 'vm/one': { name: 'one' } }, inputs: {}, success: undefined }])
  })

  it("is an effect's alone: a task has nothing to keep it with", async () => {
    const project = await testProject(() => [task('a', { run: (ctx) => ctx.note('x', 1) })])
    expect((await project.run('a')).endings['a']).toMatchObject({ error: { code: 'E_NOTE', family: 'usage' } })
    expect(
      project
        .open()
        .state.known()
        .flatMap(({ task, isEffect }) => (isEffect ? [task] : [])),
    ).toEqual([])
  })

  it('that is no JSON is refused', async () => {
    const project = await testProject(() => [effect('a', { probe: () => 1, run: (ctx) => ctx.note('x', new Map()) })])
    expect((await project.run('a')).endings['a']).toMatchObject({ error: { code: 'E_NOT_JSON' } })
  })
})

describe('undo', () => {
  it('works from what was recorded, not from the config of today', async () => {
    let names = ['one', 'two']
    const { project, undone, world } = await machines({ wanted: () => names })
    await project.run('vm-up')
    names = ['three']
    expect((await project.run('destroy')).outcome).toBe('done')
    expect(undone).toEqual([
      {
        inputs: { names: ['one', 'two'] },
        value: { one: { id: 1 }, two: { id: 2 } },
        notes: { 'vm/one': { name: 'one' }, 'vm/two': { name: 'two' } },
      },
    ])
    expect(world.size).toBe(0)
    expect((await project.forecasts('vm-up'))[0]?.reasons).toEqual([{ kind: 'last-attempt', outcome: 'undone' }])
    expect(project.open().state.history('vm-up', 'effect').notes).toEqual({})
  })

  it('takes away what a failed or killed attempt noted', async () => {
    const { project, undone } = await machines({
      run: () => {
        throw new Error('no room')
      },
    })
    await project.run('vm-up')
    await project.run('destroy')
    expect(undone).toEqual([{ inputs: { names: ['one'] }, value: undefined, notes: { 'vm/one': { name: 'one' } } }])
  })

  it('of what left no trace does nothing', async () => {
    const { project, undone } = await machines()
    expect((await project.run('destroy')).outcome).toBe('done')
    await project.run('vm-up')
    await project.run('destroy')
    await project.run('destroy')
    expect(undone).toHaveLength(1)
  })

  it('that fails keeps what is known, so that it can be tried again', async () => {
    let broken = true
    let undos = 0
    const project = await testProject(() => {
      const up = effect('up', {
        probe: () => 1,
        run: (ctx) => ctx.note('vm', 1),
        undo: () => {
          undos += 1
          if (broken) throw new Error('busy')
        },
      })
      return [undo('destroy', [up])]
    })
    await project.run('up')
    expect((await project.run('destroy')).states).toEqual({ destroy: 'failed' })
    expect(project.open().state.history('up', 'effect').notes).toEqual({ vm: 1 })
    broken = false
    expect((await project.run('destroy')).states).toEqual({ destroy: 'done' })
    expect(undos).toBe(2)
  })

  it('goes from dependents to needs, and brings nothing up before', async () => {
    const order: string[] = []
    const project = await testProject(() => {
      const log = (name: string) => ({
        probe: () => name,
        run: () => void order.push(`run ${name}`),
        undo: () => void order.push(`undo ${name}`),
      })
      const net = effect('net', log('net'))
      const up = effect('up', { needs: { net }, ...log('up') })
      const apply = effect('apply', { needs: { up }, ...log('apply') })
      return [apply, undo('destroy', [net])]
    })
    await project.run('apply')
    await project.run('destroy')
    expect(order).toEqual(['run net', 'run up', 'run apply', 'undo apply', 'undo up', 'undo net'])
  })
})

describe('an effect that runs every time', () => {
  it('is handed what it noted, and can be undone', async () => {
    const seen: unknown[] = []
    const project = await testProject(() => {
      const up = effect('up', {
        always: true,
        inputs: { x: value(1) },
        probe: () => ({ up: true }),
        run: async ({ note, previous }) => {
          seen.push(previous?.notes)
          await note('made', true)
        },
        undo: ({ recorded }) => void seen.push(recorded),
      })
      return [up, undo('down', [up])]
    })
    expect([(await project.run('up')).ran, (await project.run('up')).ran]).toEqual([['up'], ['up']])
    await project.run('down')
    expect(seen).toEqual([undefined, { made: true }, { inputs: { x: 1 }, notes: { made: true }, value: { up: true } }])
    expect((await project.run('up')).why['up']).toEqual(['runs every time'])
  })
})
