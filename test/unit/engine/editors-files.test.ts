import { expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

it.each([
  ['.a.swp', ['read']],
  ['b', ['read', 'read']],
])('somebody opens a file while a task runs: %s in its folder makes it run %j', async (name, ran) => {
  const project: TestProject = await testProject(() => [
    task('read', {
      inputs: { all: files('in/**') },
      run: () => {
        if (!project.has(`in/${name}`)) project.write(`in/${name}`, '')
      },
    }),
  ])
  project.write('in/a', '1')
  await settleTimes()
  const first = await project.run('read')
  expect([first.outcome, first.ran]).toEqual(['done', ran])
  expect((await project.run('read')).ran).toEqual([])
})
