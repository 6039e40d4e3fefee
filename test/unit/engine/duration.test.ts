import { expect, it } from 'vitest'
import { value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { testProject } from '../../support/project.ts'

it('a task’s time is that of its run, without the wait for its turn', async () => {
  const project = await testProject(() =>
    ['first', 'second'].map((name) =>
      task(name, {
        inputs: { file: value(`${name}.txt`) },
        outputs: [`${name}.txt`],
        run: async ({ inputs }) => {
          await project.clock.wait(1000)
          project.write(inputs.file, '')
        },
      }),
    ),
  )
  const { events } = await project.run(['first', 'second'], { jobs: 1 })
  const times = events.flatMap((event) => (event.type === 'task-ended' ? [Math.round(event.ms / 1000)] : []))
  expect(times).toEqual([1, 1])
})
