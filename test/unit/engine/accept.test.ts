import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { effect, task, undo } from '../../../src/define/task.ts'
import { accept } from '../../../src/engine/accept.ts'
import { select } from '../../../src/graph/select.ts'
import { type TestProject, testProject } from '../../support/project.ts'

const writer = { command: 'accept', pid: 1, wait: true }

/** What `lakitu accept` says, by task. */
async function accepting(project: TestProject, ...names: string[]) {
  const opened = project.open()
  const accepted = await accept(opened, select(opened.graph, names), writer, new AbortController().signal)
  return Object.fromEntries(accepted.map(({ node, onFaith }) => [node.name, onFaith]))
}

/** `gen` is made from `in` and returns a value; `use` from `gen`; `all` makes nothing. */
async function chain() {
  const project: TestProject = await testProject(() => {
    const gen = task('gen', {
      inputs: { in: files('in') },
      outputs: ['gen.txt'],
      run: () => {
        project.write('gen.txt', project.read('in'))
        return 'made'
      },
    })
    const use = task('use', {
      needs: { gen },
      outputs: ['use.txt'],
      run: () => project.write('use.txt', project.read('gen.txt')),
    })
    return [task('all', { needs: { use } })]
  })
  project.write('in', 'one')
  return project
}

describe('what is accepted', () => {
  it('is fresh from then on, and what is taken on faith is said', async () => {
    const project = await chain()
    await project.run('all')
    project.write('in', 'two')
    expect(await accepting(project, 'gen')).toEqual({
      gen: [
        'that this makes no difference: inputs › in › in changed',
        'that 1 file of its outputs holds what a run would make now',
        'that its value is still that of its last run',
      ],
    })
    expect((await project.run('all')).ran).toEqual([])
    expect(project.read('gen.txt')).toBe('one')
    project.write('in', 'three')
    expect((await project.run('all')).ran).toEqual(['gen', 'use', 'all'])
  })

  it('names what lies in an output folder and no run made: the next run takes it away', async () => {
    const project = await testProject(() =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['build'],
        run: () => project.write('build/x', project.read('in')),
      }),
    )
    project.write('in', 'one')
    await project.run('build')
    project.write('build/mine', '')
    project.write('in', 'two')
    const { build } = await accepting(project, 'build')
    expect(build).toContain('that build/mine is its own from now on, for its next run to take away')
  })

  it('may be an output that was changed by hand', async () => {
    const project = await chain()
    await project.run('all')
    project.write('use.txt', 'by hand')
    expect((await accepting(project, 'use'))['use']).toContain(
      'that this makes no difference: output use.txt is not as it was made',
    )
    // Who compares its result runs, since that is another one now.
    expect((await project.run('all')).ran).toEqual(['all'])
    expect(project.read('use.txt')).toBe('by hand')
  })

  it('is nothing where the task is fresh', async () => {
    const project = await chain()
    await project.run('all')
    expect(await accepting(project, 'gen')).toEqual({ gen: [] })
  })

  it('may be a command that never ran here', async () => {
    const project = await testProject(() => [
      task('copy', { inputs: { in: files('in') }, outputs: ['out'], command: ['cp', 'in', 'out'] }),
    ])
    project.write('in', 'x')
    project.write('out', 'x')
    expect((await accepting(project, 'copy'))['copy']?.[0]).toBe(
      'that it was ever made from these inputs: no run of it is recorded',
    )
    expect((await project.run('copy')).ran).toEqual([])
  })

  it('may be several tasks, all or none', async () => {
    const project = await chain()
    await project.run('all')
    project.write('in', 'two')
    project.write('gen.txt', 'by hand')
    await expect(accepting(project, 'use')).rejects.toMatchObject({ code: 'E_NEED_STALE' })
    project.remove('use.txt')
    await expect(accepting(project, 'gen', 'use')).rejects.toMatchObject({ code: 'E_OUTPUT_MISSING', family: 'task' })
    expect(project.open().state.history('gen', 'task').last).toBe('done')
    project.write('use.txt', 'by hand, too')
    expect(Object.keys(await accepting(project, 'gen', 'use'))).toEqual(['gen', 'use'])
    expect((await project.run('use')).ran).toEqual([])
  })

  it('counts what its last run discovered as it is now', async () => {
    const project: TestProject = await testProject(() => [
      task('read', { inputs: [value(1)], run: (ctx) => ctx.read('found.txt') ?? null }),
    ])
    project.write('found.txt', 'one')
    await project.run('read')
    project.write('found.txt', 'two')
    expect((await accepting(project, 'read'))['read']).toContain('that it reads what it read last time')
    expect((await project.run('read')).ran).toEqual([])
    project.write('found.txt', 'three')
    expect((await project.run('read')).ran).toEqual(['read'])
  })

  it('may need what was left out', async () => {
    const project = await testProject(() => {
      const maybe = task('maybe', { outputs: ['m'], mayBeLeftOut: true, run: (ctx) => ctx.leaveOut('no') })
      return [task('use', { needs: { maybe }, inputs: [files('in')], run: () => 1 })]
    })
    await project.run('use')
    project.write('in', '')
    await accepting(project, 'use')
    expect((await project.run('use')).ran).toEqual(['maybe'])
  })
})

describe('what cannot be accepted', () => {
  it('is what needs something stale, whose name is told', async () => {
    const project = await chain()
    await project.run('all')
    project.write('in', 'two')
    await expect(accepting(project, 'all')).rejects.toMatchObject({
      code: 'E_NEED_STALE',
      message: 'gen is needed and not fresh, so what was made from it cannot be accepted',
      facts: { gen: 'inputs › in › in changed' },
      family: 'usage',
    })
  })

  it('is a function of which no value is known', async () => {
    const project = await chain()
    project.write('gen.txt', 'x')
    await expect(accepting(project, 'gen')).rejects.toMatchObject({ code: 'E_VALUE_UNKNOWN', family: 'usage' })
    expect(await project.plan('gen')).toEqual({ gen: 'will' })
  })

  it('is what has no record', async () => {
    const project = await testProject(() => [task('ping', { always: true, run: () => {} })])
    await expect(accepting(project, 'ping')).rejects.toMatchObject({ code: 'E_NOTHING_TO_ACCEPT', family: 'usage' })
  })
})

describe('an effect', () => {
  function machines(probe: () => unknown) {
    const undone: unknown[] = []
    const project = testProject(() => {
      const up = effect('up', {
        inputs: { names: value(['one']) },
        probe,
        run: () => {},
        undo: (ctx) => void undone.push(ctx.recorded),
      })
      return [up, undo('down', [up])]
    })
    return { project, undone }
  }

  it('is accepted with what its probe answers twice, and undone from that', async () => {
    const { project: made, undone } = machines(() => ({ id: 7 }))
    const project = await made
    expect((await accepting(project, 'up'))['up']).toContain('that an undo need know no more than 0 notes')
    expect((await project.run('up')).ran).toEqual([])
    await project.run('down')
    expect(undone).toEqual([{ inputs: { names: ['one'] }, value: { id: 7 }, notes: {} }])
  })

  it.each([
    ['nothing there', () => null],
    ['answers that differ', counting()],
  ])('is not where the probe sees %s', async (saw, probe) => {
    const project = await machines(probe).project
    await expect(accepting(project, 'up')).rejects.toMatchObject({
      code: 'E_NOT_SETTLED',
      facts: { probe: saw },
      family: 'world',
    })
    expect(await project.plan('up')).toEqual({ up: 'will' })
  })
})

function counting(): () => number {
  let count = 0
  return () => {
    count += 1
    return count
  }
}
