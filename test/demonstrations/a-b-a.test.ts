import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const tasks = `
import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { in: files('in') }, outputs: ['out'], command: ['cp', 'in', 'out'] })
export const whole = task('whole', { needs: { copy }, outputs: ['whole'], command: ['cp', 'out', 'whole'] })
`

it('an input that is A, then B, then A again leaves what A makes', async () => {
  const project = await cliProject(tasks)
  for (const content of ['A', 'B', 'A', 'B', 'A']) {
    project.write('in', content)
    expect((await project.run('whole')).code).toBe(0)
    expect([project.read('out'), project.read('whole')]).toEqual([content, content])
    expect(await project.ran('whole')).toEqual([])
  }
})
