import { describe, expect, it } from 'vitest'
import { effect, task } from '../../../src/define/task.ts'
import { abandoned, forget } from '../../../src/engine/forget.ts'
import { type TestProject, testProject } from '../../support/project.ts'

const writer = { command: 'forget', pid: 1, boot: 'boot', wait: true }

/** A project whose config has lost its effect and one of its file tasks. */
async function withGone(): Promise<{ project: TestProject }> {
  let gone = false
  const kept = task('kept', { outputs: ['kept.txt'], run: ({ root }) => void root })
  const project = await testProject(() => {
    const file = task('file', { outputs: ['file.txt'], run: () => project.write('file.txt', '') })
    const world = effect('world', { probe: () => 1, run: () => {} })
    return gone ? [kept] : [kept, file, world]
  })
  await project.run(['file', 'world'])
  gone = true
  return { project }
}

describe('what is gone from the config', () => {
  it('is abandoned where it is an effect, until it is forgotten', async () => {
    const { project } = await withGone()
    expect(abandoned(project.open())).toEqual(['world'])
    await forget(project.open(), ['world', 'file'], writer, new AbortController().signal)
    expect(abandoned(project.open())).toEqual([])
    expect(project.open().state.known()).toEqual([])
  })

  it('is forgotten as a whole or not at all', async () => {
    const { project } = await withGone()
    const forgetting = forget(project.open(), ['world', 'wurld'], writer, new AbortController().signal)
    await expect(forgetting).rejects.toMatchObject({ code: 'E_NOTHING_KNOWN', next: 'Did you mean world?' })
    expect(abandoned(project.open())).toEqual(['world'])
  })

  it('is abandoned also where another kind of task, or an alias, has its name now', async () => {
    let now = 0
    const project = await testProject(() => {
      const world = effect('world', { probe: () => 1, run: () => {} })
      const outputs = ['out']
      const run = () => project.write('out', '')
      return [[world], [task('world', { outputs, run })], [task('other', { alias: 'world', outputs, run })]][now] ?? []
    })
    await project.run('world')
    for (now of [1, 2]) expect(abandoned(project.open())).toEqual(['world'])
    now = 1
    await project.run('world')
    await forget(project.open(), ['world'], writer, new AbortController().signal)
    expect(abandoned(project.open())).toEqual([])
    expect((await project.run('world')).states).toEqual({ world: 'fresh' })
  })

  it('is not what is still there', async () => {
    const { project } = await withGone()
    const forgetting = forget(project.open(), ['kept'], writer, new AbortController().signal)
    await expect(forgetting).rejects.toMatchObject({ code: 'E_NOT_GONE', family: 'usage' })
  })
})
