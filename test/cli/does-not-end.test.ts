import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const deaf = `import { task } from 'lakitu'
import { writeFileSync } from 'node:fs'
export const deaf = task('deaf', { timeout: 60_000, retries: 2, outputs: ['out'], run: ({ root }) => {
  writeFileSync(root + '/begun', '')
  return new Promise(() => { setInterval(() => {}, 1000) })
} })
export const asleep = task('asleep', { outputs: ['out2'], run: ({ root }) => {
  writeFileSync(root + '/begun', '')
  return new Promise(() => {})
} })
`

it.each(['deaf', 'asleep'])(
  'a function that heeds no stop is waited for as long as a program is, and no longer (%s)',
  async (name) => {
    const project = await cliProject(deaf)
    const running = project.start([name])
    await until('its beginning', () => project.has('begun'))
    running.kill('SIGINT')
    // Later than what counts as npm's copy of the first.
    setTimeout(() => running.kill('SIGINT'), 400)
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(stdout).toMatch(`The function of ${name} was stopped and does not end`)
    expect((await project.run('why', name)).stdout).toMatch('its last run did not end')
  },
)

it('a function that heeds no time-out fails its task, which is not begun beside it', async () => {
  const project = await cliProject(deaf.replace('60_000', '100'))
  const { code, stdout } = await project.run('deaf')
  expect(code).toBe(1)
  expect(stdout).toMatch('E_DOES_NOT_END')
  expect(stdout).not.toMatch('trying again')
})
