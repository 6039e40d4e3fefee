import { once } from 'node:events'
import { expect, it } from 'vitest'
import { fixture, type MarkedProject, markedProject } from '../support/marked-project.ts'

const bad = ['ends-on-term', 'ignores-term', 'own-group', 'setsid-child', 'daemonizes']
const tasks = `
import { task, value } from 'lakitu'
export const all = ${JSON.stringify(bad)}.map((name) => task(name, { inputs: { name: value(name) }, run: async ({ exec, inputs: { name } }) => {
  await exec('sh', ['${fixture('')}' + name + '.sh', 'begun-' + name], { passEnv: ['MARK'], grace: 1000 })
} }))
export const last = task('last', { needs: { all } })
`

async function begun(): Promise<{ made: MarkedProject; running: Awaited<ReturnType<MarkedProject['begun']>> }> {
  const made = await markedProject(tasks)
  const files = bad.map((name) => `begun-${name}`)
  const running = await made.begun(['-j', '9', 'last'], files)
  expect(made.alive().length).toBeGreaterThanOrEqual(bad.length)
  return { made, running }
}

it('SIGKILL of lakitu leaves no orphan', async () => {
  const { made, running } = await begun()
  running.kill('SIGKILL')
  await once(running.child, 'exit')
  await made.gone()
})

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s ends lakitu with %d, and leaves no orphan', async (signal, code) => {
  const { made, running } = await begun()
  running.kill(signal)
  expect((await running.ended).code).toBe(code)
  expect(made.alive()).toEqual([])
})
