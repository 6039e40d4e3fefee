import { expect, it } from 'vitest'
import { isAlive } from '../support/alive.ts'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

it.each([
  ['a promise', `void Promise.reject(new Error('nobody listens'))`],
  ['a timer', `setTimeout(() => { throw new Error('nobody listens') })`],
])('an error in %s that nobody waits for stops the run by the ladder, and is told', async (_, started) => {
  const project = await cliProject(`import { task } from 'lakitu'
export const made = task('made', { outputs: ['out'], run: async ({ exec }) => {
  ${started}
  await exec('sh', ['-c', 'echo $$ > pid; echo out > out; exec sleep 60'])
} })
`)
  const { code, stderr } = await project.run('made')
  expect(code).toBe(1)
  expect(stderr).toMatch('E_NOT_AWAITED')
  expect(stderr).toMatch('nobody listens')
  expect(stderr).toMatch(/tasks\.ts:\d+/)
  expect(stderr).not.toMatch('node:internal')
  // Nothing stands there where it was ended before it could write.
  const pid = project.has('pid') ? project.read('pid').trim() : ''
  if (pid !== '') await until('its end', () => !isAlive(Number(pid)))
  expect((await project.run('why', 'made')).stdout).not.toMatch('fresh')
})
