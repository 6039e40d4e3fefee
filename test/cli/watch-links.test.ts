import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { eventsOf, idle } from '../support/watching.ts'

it('an edit of what a link among the inputs leads to wakes a watch, in a file and in a folder', async () => {
  const project = await cliProject(
    `import { files, task } from 'lakitu'
export const all = task('all', { inputs: [files('src/**')], outputs: ['out'], command: ['sh', '-c', 'cat src/*.txt src/*/*.txt > out'] })
`,
    { 'lib/one.txt': '1', 'vendor/two.txt': '2', 'src/three.txt': '3' },
  )
  mkdirSync(project.path('src'), { recursive: true })
  symlinkSync('../lib/one.txt', project.path('src/one.txt'))
  symlinkSync('../vendor', project.path('src/vendor'))
  const watching = project.start(['watch', 'all', '--output', 'ndjson'])
  await idle(watching, 1)
  expect(project.read('out')).toBe('132')
  project.write('lib/one.txt', 'one')
  await idle(watching, 2)
  expect(project.read('out')).toBe('one32')
  project.write('vendor/two.txt', 'two')
  await idle(watching, 3)
  expect(project.read('out')).toBe('one3two')
  project.write('vendor/four.txt', '4')
  await idle(watching, 4)
  expect(project.read('out')).toBe('one34two')
  watching.kill('SIGINT')
  await watching.ended
  expect(eventsOf(watching).filter((event) => event.type === 'task-started')).toHaveLength(4)
})
