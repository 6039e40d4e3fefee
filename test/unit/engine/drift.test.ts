import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteLocks } from '../../../src/adapters/sqlite-lock.ts'
import { type Drift, type DriftContext, effect, files } from '../../../src/index.ts'
import { FakeWatch, realRun } from '../../support/fake-watch.ts'
import { testProject } from '../../support/project.ts'
import { until } from '../../support/until.ts'

const one: Drift = { where: 'host', what: 'role: task', detail: '-old\n+new' }

/** A watch of an effect that does a part where it is not forced, and looks as the test says. */
async function watched(drift: (context: DriftContext) => readonly Drift[] | Promise<readonly Drift[]>) {
  const ran: boolean[] = []
  const project = await testProject(() => [
    effect('up', {
      inputs: { in: files('in') },
      probe: () => 1,
      drift,
      run: ({ forced, ranPart, previous }) => {
        ran.push(forced)
        if (previous && !forced) ranPart()
      },
    }),
  ])
  const watching = new FakeWatch(project, realRun)
  onTestFinished(() => watching.stopping.abort())
  await watching.idle(1)
  const told = (type: string) => watching.events.filter((event) => event.type === type)
  return { project, watching, ran, told }
}

describe('a watch that is idle after a run that did a part', () => {
  it('looks after a minute, tells what drifted, and runs all of it', async () => {
    const { watching, ran, told } = await watched(() => [one])
    expect(told('drift-looking')).toEqual([])
    watching.edit('in', '1')
    await watching.idle(3)
    expect(ran).toEqual([false, false, true])
    expect(told('drift-looked')).toMatchObject([{ task: 'up', drifts: [one], heals: true }])
    const [looking] = told('drift-looking')
    expect((looking?.at ?? 0) - (told('watch-idle')[1]?.at ?? 0)).toBeGreaterThanOrEqual(60_000)
    expect(watching.notices).toEqual(['healed: all of it ran'])
  })

  it('says that all holds where it does, and looks again only after the next part', async () => {
    const { watching, ran, told } = await watched(() => [])
    watching.edit('in', '1')
    await until('the look', () => told('drift-looked').length === 1)
    watching.keyboard.press('\n')
    await watching.idle(3)
    watching.edit('in', '2')
    await until('the second look', () => told('drift-looked').length === 2)
    expect([ran, watching.notices]).toEqual([[false, false, false], []])
    expect(told('drift-looked')).toMatchObject([{ drifts: [] }, { drifts: [] }])
  })

  it('lives on where the look fails, or answers nonsense', async () => {
    let looks = 0
    const { watching } = await watched(() => {
      looks += 1
      if (looks === 1) throw new Error('no way there')
      return [{ where: 'somewhere' } as Drift]
    })
    watching.edit('in', '1')
    await until('the warning', () => watching.notices[0] === 'its look at the world failed: Error: no way there')
    watching.edit('in', '2')
    await until('the other', () => watching.notices[1]?.includes('answers no list of { where, what, detail? }'))
    expect(watching.idles).toBe(3)
  })

  it('lets an edit go first, and looks when it is idle again', async () => {
    const looks: AbortSignal[] = []
    const { watching, ran, told } = await watched(async ({ signal }) => {
      looks.push(signal)
      if (looks.length > 1) return []
      await new Promise((_done, fail) => signal.addEventListener('abort', () => fail(new Error('stopped'))))
      return [one]
    })
    watching.edit('in', '1')
    await until('the look', () => looks.length === 1)
    watching.edit('in', '2')
    await watching.idle(3)
    await until('the second look', () => told('drift-looked').length === 1)
    expect([ran, looks[0]?.aborted, looks[1]?.aborted]).toEqual([[false, false, false], true, true])
    expect(told('drift-looked')).toMatchObject([{ drifts: [] }])
    expect(watching.notices).toHaveLength(1)
  })
})

describe('the key c', () => {
  it('looks, under the lock, and heals nothing until f', async () => {
    const locked: boolean[] = []
    const { project, watching, ran, told } = await watched(({ recorded, inputs }) => {
      const taken = sqliteLocks.take(project.path('.lakitu'), { pid: 1, command: 'other', since: 0 })
      taken?.release()
      locked.push(taken === undefined)
      return recorded.outcome === 'done' && 'in' in inputs ? [one] : []
    })
    watching.keyboard.press('c')
    await until('the look', () => told('drift-looked').length === 1)
    expect([ran, locked, told('drift-looked')]).toMatchObject([[false], [true], [{ drifts: [one], heals: false }]])
    watching.keyboard.press('f')
    await watching.idle(2)
    expect(ran).toEqual([false, true])
  })
})
