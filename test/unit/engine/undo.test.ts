import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { value } from '../../../src/define/inputs.ts'
import { effect, undo } from '../../../src/define/task.ts'
import { ProjectState } from '../../../src/state/project.ts'
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

  it('that did not come to its end leaves nothing that is called fresh, whatever the probe says', async () => {
    let last: unknown
    let breaks = true
    const project = await testProject(() => {
      const machines = effect('machines', {
        inputs: { names: value(['one']) },
        probe: () => 1,
        run: ({ note }) => note('one', true),
        undo: ({ recorded }) => {
          last = [new ProjectState(nodeDisk, project.root).history('machines', 'effect').last, recorded]
          if (breaks) throw new Error('half of it is gone')
        },
      })
      return [machines, undo('destroy', [machines])]
    })
    await project.run('machines')
    expect((await project.run('destroy')).outcome).toBe('failed')
    // Were lakitu killed there, this is what the next one would read.
    expect(last).toMatchObject(['crashed', { inputs: { names: ['one'] }, value: 1, notes: { one: true } }])
    breaks = false
    expect((await project.run('machines')).why).toEqual({ machines: ['its last run failed'] })
    breaks = true
    await project.run('destroy')
    breaks = false
    expect((await project.run('destroy')).outcome).toBe('done')
    expect(last).toMatchObject(['crashed', { inputs: { names: ['one'] }, value: 1, notes: { one: true } }])
    expect((await project.run('machines')).why).toEqual({ machines: ['it was undone'] })
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
})
