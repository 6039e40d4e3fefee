import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { eventsOf, idle, isIdle, stop } from '../support/watching.ts'

const tasks = `import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { from: files('in/**') }, outputs: ['out'], command: ['sh', '-c', 'cat in/a > out'] })
`

/** Runs a program where the system gives only so many of these. */
function withAtMost(count: number, what: string): readonly string[] {
  return ['unshare', '-Ur', 'sh', '-c', `echo ${count} > /proc/sys/user/${what}; exec "$0" "$@"`]
}

const [unshare = '', ...probe] = [...withAtMost(0, 'max_inotify_watches'), 'true']
const cannotLimit = spawnSync(unshare, probe).status !== 0

describe.skipIf(cannotLimit)('a watch for which the system has no room', () => {
  it.each([
    ['max_inotify_instances', 'EMFILE', 'fs.inotify.max_user_instances'],
    ['max_inotify_watches', 'ENOSPC', 'fs.inotify.max_user_watches'],
  ])('(%s) says so once and lives on', async (limit, code, setting) => {
    const project = await cliProject(tasks, { 'in/a': '1', 'in/x/b': '', 'in/y/c': '' })
    const running = project.start(['watch', 'copy', '--output', 'ndjson'], {}, withAtMost(0, limit))
    await idle(running, 1)
    const warnings = eventsOf(running).flatMap((event) => (event.type === 'notice' ? [event.text] : []))
    const text = 'not every folder is watched, so an edit may be missed: the system gives no more watches'
    expect(warnings).toEqual([expect.stringContaining(`${text} (${code}); raise ${setting}`)])
    expect([project.read('out'), running.child.exitCode]).toEqual(['1', null])
    await stop(running)
  })

  it('still sees what is in the folders that it got', async () => {
    const project = await cliProject(tasks, { 'in/a': '1', 'in/x/b': '', 'in/y/c': '', 'in/z/d': '' })
    const running = project.start(['watch', 'copy', '--output', 'ndjson'], {}, withAtMost(3, 'max_inotify_watches'))
    await idle(running, 1)
    project.write('in/a', '2')
    await until('the edit', () => project.has('out') && project.read('out') === '2' && isIdle(running))
    await stop(running)
  })
})
