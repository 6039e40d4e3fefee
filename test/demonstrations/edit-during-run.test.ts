import { utimesSync } from 'node:fs'
import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

/** Says that it has begun, waits to be told to go on, and only then reads its input. */
const script =
  'touch begun; while ! test -e go; do sleep 0.05; done; cat in > out; touch read; while ! test -e end; do sleep 0.05; done'
const tasks = `
import { files, task } from 'lakitu'
export const build = task('build', { inputs: { in: files('in') }, outputs: ['out'], command: ['sh', '-c', ${JSON.stringify(script)}] })
`

it.each(['as an edit', 'with its old time'])(
  'an input that is edited while the command runs and put back %s is not taken for the one that was read',
  async (how) => {
    const project = await cliProject(tasks, { in: 'v1\n' })
    const old = new Date(Date.now() - 60_000)
    utimesSync(project.path('in'), old, old)
    const running = project.start(['build', '--output', 'ndjson'])
    await until('the command to begin', () => project.has('begun'))
    project.write('in', 'v2\n')
    project.write('go', '')
    await until('the command to read v2', () => project.has('read'))
    expect(project.read('out')).toBe('v2\n')
    project.write('in', 'v1\n')
    if (how === 'with its old time') utimesSync(project.path('in'), old, old)
    project.write('end', '')
    const { code, stdout } = await running.ended
    expect([code, project.read('out')]).toEqual([0, 'v1\n'])
    expect(stdout.match(/"attempt":\d/g)).toEqual(['"attempt":1', '"attempt":2'])
    expect(await project.ran('build')).toEqual([])
  },
)
