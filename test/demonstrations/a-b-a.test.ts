import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const tasks = `
import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { in: files('in') }, outputs: ['out'], command: ['cp', 'in', 'out'] })
export const whole = task('whole', { needs: { copy }, outputs: ['whole'], command: ['cp', 'out', 'whole'] })
`
const both = ['copy', 'whole']

it('an input that is A, then B, then A again leaves what A makes, put back without a run', async () => {
  const project = await cliProject(tasks)
  for (const [i, content] of ['A', 'B', 'A', 'B', 'A'].entries()) {
    project.write('in', content)
    const { code, ran, restored } = await project.events('whole')
    expect([code, ran, restored]).toEqual(i < 2 ? [0, both, []] : [0, [], both])
    expect([project.read('out'), project.read('whole')]).toEqual([content, content])
    expect(await project.events('whole')).toMatchObject({ ran: [], restored: [] })
  }
  project.write('in', 'B')
  expect((await project.run('whole')).stdout).toMatch(/restored +copy and whole\n\n.*Done in .*: 2 restored/)
})
