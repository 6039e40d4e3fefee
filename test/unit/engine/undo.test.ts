import { describe, expect, it } from 'vitest'
import { value } from '../../../src/define/inputs.ts'
import { effect, undo } from '../../../src/define/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** Machines, and what was put on them; `refuses` says whether the machines may go. */
async function withMachines(refuses: boolean): Promise<{ project: TestProject; undone: string[] }> {
  const undone: string[] = []
  const project = await testProject(() => {
    const machines = effect('machines', {
      probe: () => 1,
      run: () => {},
      mayUndo: () => {
        if (refuses) throw new Error('these are not ours')
      },
      undo: () => void undone.push('machines'),
    })
    const roles = effect('roles', {
      needs: { machines },
      probe: () => 1,
      run: () => {},
      undo: () => void undone.push('roles'),
    })
    return [machines, roles, undo('destroy', [machines])]
  })
  return { project, undone }
}

describe('undo', () => {
  it('goes through dependents first', async () => {
    const { project, undone } = await withMachines(false)
    await project.run('roles')
    expect((await project.run('destroy')).outcome).toBe('done')
    expect(undone).toEqual(['roles', 'machines'])
  })

  it('undoes nothing at all where one effect refuses', async () => {
    const { project, undone } = await withMachines(true)
    await project.run('roles')
    expect((await project.run('destroy')).outcome).toBe('failed')
    expect(undone).toEqual([])
    expect((await project.run('roles')).ran).toEqual([])
  })

  it('says where nothing is recorded, instead of just being done', async () => {
    const { project } = await withMachines(false)
    await project.run('roles')
    project.remove('.lakitu')
    const { events } = await project.run('destroy')
    const warnings = events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
    expect(warnings.join('\n')).toMatch('Nothing is recorded of machines here')
    await project.run('roles')
    await project.run('destroy')
    const again = await project.run('destroy')
    expect(again.events.filter((event) => event.type === 'notice')).toEqual([])
  })

  it('that fails half-way leaves an effect that runs again, and can be undone again', async () => {
    const seen: unknown[] = []
    let fails = true
    const project = await testProject(() => {
      const machines = effect('machines', {
        inputs: { size: value(2) },
        // It cannot see what the undo took away.
        probe: () => 1,
        run: async ({ note, previous }) => {
          seen.push(previous?.outcome)
          await note('machine', 'one')
        },
        undo: ({ recorded }) => {
          seen.push(recorded)
          if (fails) throw new Error('half of it is gone')
        },
      })
      return [machines, undo('destroy', [machines])]
    })
    const recorded = { inputs: { size: 2 }, value: 1, notes: { machine: 'one' } }
    await project.run('machines')
    expect((await project.run('destroy')).outcome).toBe('failed')
    expect((await project.run('machines')).ran).toEqual(['machines'])
    expect((await project.run('destroy')).outcome).toBe('failed')
    fails = false
    expect((await project.run('destroy')).outcome).toBe('done')
    expect(seen).toEqual([undefined, recorded, 'failed', recorded, recorded])
  })
})
