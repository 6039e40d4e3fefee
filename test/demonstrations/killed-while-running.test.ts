import { once } from 'node:events'
import { expect, it } from 'vitest'
import { markedProject } from '../support/marked-project.ts'

/** Writes half of its output, waits for ever with v2, and writes the rest. */
const script = 'head -c 1 in > out; touch "begun-$(cat in)"; test "$(cat in)" = v2 && sleep 1000; cat in > out'
const tasks = `
import { files, task } from 'lakitu'
export const build = task('build', { inputs: { in: files('in') }, outputs: ['out'], run: ({ exec }) =>
  exec('sh', ['-c', ${JSON.stringify(script)}], { passEnv: ['MARK'] }).then(() => {}) })
`

it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'v1 is built, v2 is ended half-way by %s, v1 is put back: it is not fresh, and is whole again',
  async (signal) => {
    const made = await markedProject(tasks, { in: 'v1' })
    const { p } = made
    expect((await p.run('build')).code).toBe(0)
    p.write('in', 'v2')
    const running = await made.begun(['build'], ['begun-v2'])
    running.kill(signal)
    await once(running.child, 'exit')
    await made.gone()
    expect(p.read('out')).toBe('v')
    p.write('in', 'v1')
    const plan = await p.run('plan', 'build')
    expect(plan.stdout).toContain('will run  build  its last run did not end')
    const { ran, restored } = await p.events('build')
    expect([ran, restored, p.read('out')]).toEqual([[], ['build'], 'v1'])
    expect(await p.ran('build')).toEqual([])
  },
)
