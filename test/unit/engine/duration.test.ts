import { expect, it } from 'vitest'
import { task } from '../../../src/define/task.ts'
import { testProject } from '../../support/project.ts'

it('a task’s time is that of its run, without the wait for its turn', async () => {
  const project = await testProject(() =>
    ['first', 'second'].map((name) =>
      task(name, {
        outputs: [`${name}.txt`],
        run: async () => {
          await project.clock.wait(1000)
          project.write(`${name}.txt`, '')
        },
      }),
    ),
  )
  const { events } = await project.run(['first', 'second'], { jobs: 1 })
  const times = events.flatMap((event) => (event.type === 'task-ended' ? [Math.round(event.ms / 1000)] : []))
  expect(times).toEqual([1, 1])
})
