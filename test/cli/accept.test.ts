import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const tasks = `
import { files, task } from 'lakitu'
export const gen = task('gen', { inputs: { in: files('in') }, outputs: ['gen'], command: ['cp', 'in', 'gen'] })
export const use = task('use', { needs: { gen }, outputs: ['use'], command: ['cp', 'gen', 'use'] })
`

it('lakitu accept records what is there, says what it takes on faith, and refuses by the families of errors', async () => {
  const project = await cliProject(tasks, { in: 'one\n' })
  expect((await project.run('use')).code).toBe(0)
  project.write('in', 'two\n')
  const refused = await project.run('accept', 'use')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('E_NEED_STALE')])
  expect(refused.stderr).toContain('gen  inputs › in › in changed')
  expect(await project.run('accept', 'gen')).toEqual({
    code: 0,
    stdout:
      'Accepted gen. Taken on faith:\n' +
      '  that this makes no difference: inputs › in › in changed\n' +
      '  that 1 file of its outputs holds what a run would make now\n',
    stderr: '',
  })
  expect(await project.ran('use')).toEqual([])
  expect((await project.run('accept', 'use')).stdout).toBe('use is fresh: nothing to accept\n')
  project.remove('use')
  expect((await project.run('accept', 'use')).code).toBe(1)
})
