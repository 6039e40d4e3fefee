import { describe, expect, it } from 'vitest'
import { isAlive } from '../support/alive.ts'
import { type CliProject, cliProject } from '../support/cli.ts'

/** Programs that write their pid into `pids`, and when they come to their end a word into `ends`. */
const tasks = `import { effect, task, undo, value } from 'lakitu'
const inputs = { x: value(1) }
const slow = ['sh', ['-c', 'echo $$ >> pids; sleep 5; echo late >> ends']] as const
const failing = ['sh', ['-c', 'until [ -s pids ]; do sleep 0.02; done; exit 1']] as const
export const beside = task('beside', { inputs, run: ({ exec }) => Promise.all([exec(...failing), exec(...slow)]).then(() => 1) })
export const forgotten = task('forgotten', { inputs, outputs: ['out'], run: async ({ exec }) => {
  void exec(...slow)
  await exec('sh', ['-c', 'until [ -s pids ]; do sleep 0.02; done; echo half > out'])
} })
export const again = effect('again', { inputs, retries: 1, probe: () => 1, run: async ({ exec }) => {
  // Ready only when its trap is set: a signal before that ends it without a trace.
  const alone = exec('sh', ['-c', 'trap "rmdir ready running; exit" TERM; mkdir running || echo two >> ends; echo $$ >> pids; mkdir ready; sleep 60 & wait'])
  await Promise.all([exec('sh', ['-c', 'until [ -d ready ]; do sleep 0.02; done; exit 1']), alone])
} })
export const up = effect('up', { inputs, probe: () => 1, run: () => {}, undo: ({ exec }) => Promise.all([exec(...failing), exec(...slow)]).then(() => {}) })
export const down = undo('down', [up])
`

function alive(project: CliProject): readonly number[] {
  return project.read('pids').trim().split('\n').map(Number).filter(isAlive)
}

describe('a program that still runs when the function of its task has ended', () => {
  it('because another one failed, is ended before the task is', async () => {
    const project = await cliProject(tasks)
    const { code, stdout } = await project.run('beside')
    expect([code, alive(project), project.has('ends')]).toEqual([1, [], false])
    expect(stdout).toMatch('E_COMMAND_FAILED: sh exited with code 1')
  })

  it('because nobody waited for it, is ended, and the task has failed', async () => {
    const project = await cliProject(tasks)
    const { code, stdout } = await project.run('forgotten')
    expect([code, alive(project), project.has('ends')]).toEqual([1, [], false])
    expect(stdout).toMatch('E_NOT_AWAITED: The function of forgotten ended while a program')
    expect(stdout).not.toMatch('nobody waited for')
    expect((await project.run('why', 'forgotten')).stdout).toMatch('its last run failed')
  })

  it('is gone before the next attempt begins', async () => {
    const project = await cliProject(tasks)
    expect((await project.run('again')).code).toBe(1)
    expect([project.read('pids').trim().split('\n').length, alive(project)]).toEqual([2, []])
    expect([project.has('ends'), project.has('running')]).toEqual([false, false])
  })

  it('is ended where it belongs to an undo, too', async () => {
    const project = await cliProject(tasks)
    await project.run('up')
    expect((await project.run('down')).code).toBe(1)
    expect([alive(project), project.has('ends')]).toEqual([[], false])
  })
})
