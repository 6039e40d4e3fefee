import { expect, it } from 'vitest'
import { effect, task, value } from '../../../src/index.ts'
import { testProject } from '../../support/project.ts'

it('ctx.forced tells a run that was asked for from one that the facts ask for, in each of its attempts', async () => {
  const forced: Record<string, boolean[]> = { up: [], low: [] }
  let version = 1
  let broken = false
  const project = await testProject(() => {
    const low = task('low', { inputs: { v: value(() => version) }, run: (ctx) => void forced['low']?.push(ctx.forced) })
    const up = effect('up', {
      needs: { low },
      inputs: { v: value(() => version) },
      retries: 1,
      probe: () => 1,
      run: (ctx) => {
        forced['up']?.push(ctx.forced)
        if (broken) throw new Error('once more')
      },
    })
    return [low, up]
  })
  await project.run('up')
  version = 2
  await project.run('up', { force: true })
  broken = true
  await project.run('up', { force: true })
  // What the forced run left undone is a reason of its own, and nobody asks for all of it any more.
  broken = false
  await project.run('up')
  expect(forced).toEqual({ up: [false, true, true, true, false], low: [false, false] })
})
