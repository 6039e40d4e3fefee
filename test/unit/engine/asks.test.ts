import { describe, expect, it } from 'vitest'
import { Memory } from '../../../src/engine/memory.ts'
import { type Change, effect, files, task } from '../../../src/index.ts'
import { type Ran, type TestProject, testProject } from '../../support/project.ts'

const aboutBox = ({ path }: Change) => path.includes('box')

interface Watched {
  readonly project: TestProject
  run(): Promise<Ran>
  readonly memory: Memory
}

/** A watch whose first run is over: `use` needs `up`, which asks; `other` stands beside them. */
async function watched(asks: boolean | ((change: Change) => boolean), hasKeys = true): Promise<Watched> {
  const memory = new Memory(hasKeys)
  const project = await testProject(() => {
    const up = effect('up', {
      inputs: { files: files('box', 'soft') },
      asks,
      probe: () => 1,
      explain: () => ['makes the box anew'],
      run: () => {},
    })
    const use = task('use', { needs: { up }, inputs: { mine: files('mine') }, run: () => 1 })
    return [up, use, task('other', { inputs: { own: files('own') }, run: () => 1 })]
  })
  for (const path of ['box', 'soft', 'mine', 'own']) project.write(path, '1')
  const run = () => {
    memory.begin()
    return project.run(['use', 'other'], { memory })
  }
  expect((await run()).ran.toSorted()).toEqual(['other', 'up', 'use'])
  return { project, run, memory }
}

const notices = ({ events }: Ran) => events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))

describe('an effect that asks, in a watch', () => {
  it('is left alone, with what needs it, until it is answered, and the rest goes on', async () => {
    const { project, run, memory } = await watched(aboutBox)
    for (const path of ['box', 'mine', 'own']) project.write(path, '2')
    const asked = await run()
    expect(asked.states).toEqual({ up: 'stopped', use: 'stopped', other: 'done' })
    expect(notices(asked)).toEqual([
      'would run, and waits for an answer: Enter runs it\ninputs › files › box changed\nmakes the box anew',
    ])
    expect(notices(await run())).toEqual(['still waits: Enter runs it'])
    memory.answer()
    expect((await run()).ran).toEqual(['up', 'use'])
  })

  it('runs by itself for a change that does not ask', async () => {
    const { project, run } = await watched(aboutBox)
    project.write('soft', '2')
    expect((await run()).ran).toEqual(['up'])
  })

  it('asks anew where the facts are others than those that were shown, and says yes only once', async () => {
    const { project, run, memory } = await watched(true)
    project.write('box', '2')
    await run()
    memory.answer()
    project.write('soft', '2')
    const anew = await run()
    expect([anew.ran, notices(anew)[0]]).toEqual([[], expect.stringContaining('soft changed')])
    memory.answer()
    expect((await run()).ran).toEqual(['up'])
    project.write('soft', '1')
    expect((await run()).ran).toEqual([])
    project.write('soft', '2')
    await run()
    // Nothing is asked any more.
    memory.answer()
    project.write('soft', '1')
    expect((await run()).ran).toEqual([])
  })

  it('is found fresh when somebody else ran it, as it says where there is no keyboard', async () => {
    const { project, run } = await watched(true, false)
    project.write('box', '2')
    expect(notices(await run())[0]).toContain('to do it, run lakitu up')
    await project.run('up')
    expect(await run()).toMatchObject({ ran: [], states: { up: 'fresh', use: 'fresh' } })
  })

  it('is not begun where something changes while it waits for its turn, and all is looked at again', async () => {
    const { project, memory } = await watched(aboutBox)
    project.write('soft', '2')
    memory.begin()
    const edit = (event: { readonly type: string }) => {
      if (event.type === 'task-checking') return
      if (event.type === 'task-ended') project.write('box', '2')
    }
    // The one job is taken by the other task, at whose end the box is edited.
    project.write('own', '2')
    const held = await project.run(['other', 'use'], { memory, jobs: 1, onEvent: edit })
    expect([held.ran, held.states['up']]).toEqual([['other'], 'stopped'])
  })
})

it('outside a watch, and where it is forced, an effect does not ask', async () => {
  const { project, memory } = await watched(true)
  project.write('box', '2')
  memory.begin()
  expect((await project.run('up', { memory, force: true })).ran).toEqual(['up'])
  project.write('box', '3')
  expect((await project.run('up')).ran).toEqual(['up'])
})
