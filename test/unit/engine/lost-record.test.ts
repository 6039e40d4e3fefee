import { describe, expect, it } from 'vitest'
import { effect, undo } from '../../../src/define/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** One effect, whose world is a file, and what undoes it. */
async function withWorld(): Promise<TestProject> {
  const project = await testProject(() => {
    const world = effect('world', {
      probe: () => (project.has('world') ? { there: true } : null),
      run: async ({ note }) => {
        await note('thing', 'world')
        project.write('world', '')
      },
      undo: ({ recorded }) => {
        for (const thing of Object.values(recorded.notes)) project.remove(String(thing))
      },
      settle: 10_000,
    })
    return [world, undo('destroy', [world])]
  })
  return project
}

describe('a damaged journal of effects', () => {
  it('makes every effect stale, though its probe is happy', async () => {
    const project = await withWorld()
    await project.run('world')
    project.write('.lakitu/journal', 'rubbish')
    const { ran, why } = await project.run('world')
    expect(ran).toEqual(['world'])
    expect(why['world']).toEqual(['its record was damaged, so what it did is not known'])
    expect((await project.run('world')).ran).toEqual([])
  })

  it('keeps undo from calling it done, until the effect has a record again', async () => {
    const project = await withWorld()
    await project.run('world')
    project.write('.lakitu/journal', 'rubbish')
    // The second one reads a journal that is whole again and still says what was lost.
    for (const _time of [1, 2]) {
      const { endings } = await project.run('destroy')
      expect(endings['destroy']).toMatchObject({ state: 'failed', error: { code: 'E_RECORD_LOST', family: 'world' } })
      expect(project.has('world')).toBe(true)
    }
    await project.run('world')
    expect((await project.run('destroy')).outcome).toBe('done')
    expect(project.has('world')).toBe(false)
  })
})
