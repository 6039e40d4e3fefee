import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const tasks = (words: string) => `
import { task } from 'lakitu'
export const join = task('join', { outputs: ['out'], command: ['sh', '-c', 'echo "$@" > out', 'sh', ${words}] })
`

it('the same arguments in another order are another command, each time', async () => {
  const project = await cliProject(tasks("'a', 'b'"))
  expect([await project.ran('join'), project.read('out')]).toEqual([['join'], 'a b\n'])
  project.write('tasks.ts', tasks("'b', 'a'"))
  expect([await project.ran('join'), project.read('out')]).toEqual([['join'], 'b a\n'])
  project.write('tasks.ts', tasks("'a', 'b'"))
  const { ran, restored } = await project.events('join')
  expect([ran, restored, project.read('out')]).toEqual([[], ['join'], 'a b\n'])
  project.write('tasks.ts', tasks("'a b'"))
  expect(await project.ran('join')).toEqual(['join'])
})
