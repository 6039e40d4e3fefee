import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const lakitu = JSON.stringify(new URL('../../bin/lakitu.js', import.meta.url).pathname)
const tasks = `import { effect, input, output, task, value } from 'lakitu'
import { existsSync, writeFileSync } from 'node:fs'
export const wait = task('wait', { command: ['sh', '-c', 'touch begun; until [ -e go ]; do sleep 0.02; done'] })
export const made = task('made', { command: ['touch', input('in'), output('out')] })
export const up = effect('up', { about: 'looks', inputs: [value(1)], settle: 1, probe: ({ exec, root }) => {
  if (!existsSync(root + '/slow')) return 1
  writeFileSync(root + '/asked', '')
  return exec('sleep', ['60']).then(() => 1)
}, run: () => {} })
export const forgets = task('forgets', { command: ['node', ${lakitu}, 'forget', 'gone'] })
`

async function stopped(project: CliProject, signal: NodeJS.Signals, words: readonly string[], begun: () => boolean) {
  const running = project.start(words)
  await until(`${words[0] ?? 'lakitu'} to begin`, () => begun() || running.stdout().includes('waiting for lakitu'))
  running.kill(signal)
  return running.ended
}

describe('what a signal ends has the exit code of the signal, and no error', () => {
  it('while it waits for another lakitu', async () => {
    const project = await cliProject(tasks, { in: '', out: '' })
    const first = project.start(['wait'])
    await until('the first to begin', () => project.has('begun'))
    for (const words of [['forget', 'gone'], ['accept', 'made'], ['made']]) {
      const { code, stderr } = await stopped(project, 'SIGTERM', words, () => false)
      expect([words, code, stderr]).toEqual([words, 143, ''])
    }
    project.write('go', '')
    expect((await first.ended).code).toBe(0)
  })

  it('while its config loads', async () => {
    const text = `import { writeFileSync } from 'node:fs'
writeFileSync('loading', '')
await new Promise((resolve) => setTimeout(resolve, 60_000))
`
    const project = await cliProject(text)
    for (const words of [['made'], ['plan'], ['accept', 'made'], []]) {
      const { code, stdout, stderr } = await stopped(project, 'SIGINT', words, () => project.has('loading'))
      expect([words, code, stdout, stderr]).toEqual([words, 130, '', ''])
      project.remove('loading')
    }
  })

  it('while a probe is asked', async () => {
    const project = await cliProject(tasks)
    await project.run('up')
    project.write('slow', '')
    for (const words of [['plan', 'up'], ['why', 'up'], []]) {
      const { code, stdout, stderr } = await stopped(project, 'SIGINT', words, () => project.has('asked'))
      expect([words, code, stdout, stderr]).toEqual([words, 130, '', ''])
      project.remove('asked')
    }
  })
})

it('forgetting inside a task of the same project is refused with both names', async () => {
  const project = await cliProject(tasks)
  const { code, stdout } = await project.run('forgets')
  expect(code).toBe(1)
  expect(stdout).toContain('E_NESTED: lakitu forget gone was started inside task forgets of the same project')
})
