import { describe, expect, it } from 'vitest'
import { effect, LakituError, task, value } from '../../../src/index.ts'
import type { Event } from '../../../src/model/event.ts'
import { testProject } from '../../support/project.ts'

const attemptsOf = (events: readonly Event[]) =>
  events.flatMap((e) => (e.type === 'task-started' ? [[e.attempt, e.reasons.map((r) => r.kind)]] : []))

describe('a task with retries', () => {
  it('is tried again with its outputs emptied, and what the last attempt made is its result', async () => {
    const seen: boolean[] = []
    const project = await testProject(() => {
      const flaky = task('flaky', {
        inputs: { x: value(1) },
        outputs: ['out'],
        retries: 2,
        run: ({ previous }) => {
          seen.push(project.has('out'))
          project.write('out', String(seen.length))
          if (seen.length < 3) throw new Error('not yet')
          return previous?.outcome
        },
      })
      return [flaky]
    })
    const { states, events, endings } = await project.run('flaky')
    expect([states, project.read('out'), seen]).toEqual([{ flaky: 'done' }, '3', [false, false, false]])
    expect(attemptsOf(events)).toEqual([
      [1, ['never-ran']],
      [2, ['last-attempt']],
      [3, ['last-attempt']],
    ])
    expect(endings['flaky']).toEqual({ state: 'done', changed: true })
    expect((await project.run('flaky')).states).toEqual({ flaky: 'fresh' })
  })

  it('fails with the error of the last attempt', async () => {
    let count = 0
    const failing = () => {
      count += 1
      throw new Error(`failure ${count}`)
    }
    const project = await testProject(() => [task('flaky', { inputs: { x: value(1) }, retries: 1, run: failing })])
    const { endings, events } = await project.run('flaky')
    expect(endings['flaky']).toMatchObject({ state: 'failed', error: { headline: 'Error: failure 2' } })
    expect(attemptsOf(events)).toHaveLength(2)
    expect(project.read('.cache/lakitu/logs/flaky.log')).toContain('Error: failure 1: trying again')
  })

  it('is not tried again for what the config got wrong', async () => {
    const wrong = () => {
      throw new LakituError({ code: 'E_WRONG', headline: 'wrong', family: 'usage' })
    }
    const project = await testProject(() => [task('wrong', { retries: 3, run: wrong })])
    expect(attemptsOf((await project.run('wrong')).events)).toHaveLength(1)
  })

  it('that is an effect is probed before each attempt, and knows what became of the last one', async () => {
    const seen: unknown[] = []
    let world: number | null = null
    const project = await testProject(() => [
      effect('up', {
        probe: () => world,
        retries: 1,
        run: ({ observed, previous }) => {
          seen.push([observed, previous?.outcome])
          world = seen.length
          if (seen.length < 2) throw new Error('half')
        },
      }),
    ])
    expect((await project.run('up')).states).toEqual({ up: 'done' })
    expect(seen).toEqual([
      [null, undefined],
      [1, 'failed'],
    ])
  })

  it('that is stopped is not tried again', async () => {
    const stop = new AbortController()
    const project = await testProject(() => [
      task('slow', {
        inputs: { x: value(1) },
        retries: 5,
        run: () => {
          stop.abort()
          throw new Error('stopped')
        },
      }),
    ])
    const { states, events } = await project.run('slow', { stop: { signal: stop.signal, hurry: stop.signal } })
    expect([states, attemptsOf(events).length]).toEqual([{ slow: 'stopped' }, 1])
  })
})

describe('a task with a time', () => {
  const endless = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to stop'))))

  it('is told to stop when it is over, and has failed', async () => {
    const project = await testProject(() => [
      task('slow', { inputs: { x: value(1) }, timeout: 3000, run: ({ signal }) => endless(signal) }),
    ])
    const { endings } = await project.run('slow')
    const error = { code: 'E_TIMEOUT', headline: 'slow did not end within 3.0 s and was stopped' }
    expect(endings['slow']).toMatchObject({ state: 'failed', error })
    expect(await project.plan('slow')).toEqual({ slow: 'will' })
  })

  it('has it anew for each attempt', async () => {
    let count = 0
    const project = await testProject(() => [
      task('slow', {
        inputs: { x: value(1) },
        timeout: 3000,
        retries: 1,
        run: ({ signal }) => {
          count += 1
          return count === 1 ? endless(signal) : 1
        },
      }),
    ])
    expect((await project.run('slow')).states).toEqual({ slow: 'done' })
  })

  it('that is enough ends as ever', async () => {
    const project = await testProject(() => [task('quick', { timeout: 3000, run: () => 1 })])
    expect((await project.run('quick')).states).toEqual({ quick: 'done' })
  })
})
