import { describe, expect, it } from 'vitest'
import { processesWith } from '../support/marked.ts'
import { type MarkedProject, markedProject } from '../support/marked-project.ts'
import { until } from '../support/until.ts'
import { idle, ranIn, since } from '../support/watching.ts'

/** A release mirror on loopback, of which the tasks get files; `MARK` finds its processes. */
const tasks = `
import { files, service, task } from 'lakitu'

export const mirror = service('mirror', {
  about: 'Releases on loopback',
  inputs: { releases: files('releases/**') },
  command: ['python3', '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', 'releases'],
  env: { MARK: process.env['MARK'] ?? '' },
  ready: ({ output }) => {
    const port = /port (\\d+)/.exec(output)?.[1]
    return port === undefined ? null : { url: \`http://127.0.0.1:\${port}\` }
  },
})
export const tool = task('tool', {
  needs: { mirror },
  outputs: ['bin/tool'],
  run: async ({ needs, fetch }) => {
    await fetch(\`\${needs.mirror.url}/tool/1.0/tool\`, { to: 'bin/tool' })
  },
})
export const plain = task('plain', { needs: { mirror }, command: ['true'] })
export const uses = task('uses', { needs: { mirror }, always: true, run: ({ exec }) => exec('sh', ['-c', 'touch begun; sleep 1000'], { passEnv: ['MARK'] }) })

const shell = (name: string, script: string, timeout?: number) =>
  service(name, { command: ['sh', '-c', script], ready: () => null, ...(timeout ? { timeout } : {}) })
export const early = shell('early', 'echo no such port >&2; exit 3')
export const never = shell('never', 'sleep 1000', 300)
export const needsEarly = task('needs-early', { needs: { early }, always: true, run: () => {} })
export const needsNever = task('needs-never', { needs: { never }, always: true, run: () => {} })
`

const project = () => markedProject(tasks, { 'releases/tool/1.0/tool': 'one\n' })

function running(made: MarkedProject): readonly string[] {
  return made.alive().filter((command) => command.includes('http.server'))
}

describe('a service', () => {
  it('is started for what is stale, hands over its value, and leaves no process; a second run starts nothing', async () => {
    const made = await project()
    const { code, stdout } = await made.start('tool').ended
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /mirror {2}started: needed by tool\n.*mirror {2}ready .*\n.*tool {4}started.*\n.*tool {4}done.*\n.*mirror {2}stopped/,
    )
    expect([made.p.read('bin/tool'), made.alive()]).toEqual(['one\n', []])
    const again = await made.start('tool', '--output', 'ndjson').ended
    expect(again.stdout).not.toMatch('task-started')
    expect((await made.start('tool').ended).stdout).toMatch(/^✔ 1 task fresh, nothing to do/)
    expect((await made.p.run('log', 'mirror')).stdout).toMatch(/GET \/tool\/1\.0\/tool/)
  })

  it('whose files are others makes its dependents stale', async () => {
    const made = await project()
    await made.start('tool').ended
    made.p.write('releases/tool/1.0/tool', 'two\n')
    expect((await made.start('plan', 'tool').ended).stdout).toBe(
      'will run  mirror  needed by tool\nwill run  tool    needs › mirror changed\n',
    )
    expect((await made.start('tool').ended).code).toBe(0)
    expect(made.p.read('bin/tool')).toBe('two\n')
  })

  it('that was asked for runs until Ctrl-C, beside other lakitus', async () => {
    const made = await project()
    const lakitu = made.start('mirror')
    await until('it to be ready', () => /mirror {2}ready/.test(lakitu.stdout()))
    expect((await made.start('tool', '--no-wait').ended).code).toBe(0)
    lakitu.kill('SIGINT')
    const { code, stdout } = await lakitu.ended
    expect([code, made.alive()]).toEqual([130, []])
    expect(stdout).toMatch(/■ Stopped after .*: 1 served/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends after what needs it on %s', async (signal) => {
    const made = await project()
    const lakitu = await made.begun(['uses'])
    expect(running(made)).toHaveLength(1)
    lakitu.kill(signal)
    const { code, stdout } = await lakitu.ended
    expect([code, made.alive()]).toEqual([signal === 'SIGINT' ? 130 : 143, []])
    expect(stdout).toMatch(/uses .*stopped\n.*mirror .*stopped/)
  })

  it('ends when lakitu is killed', async () => {
    const made = await project()
    const lakitu = await made.begun(['uses'])
    expect(running(made)).toHaveLength(1)
    lakitu.kill('SIGKILL')
    await lakitu.ended
    await made.gone()
  })

  it('that ends while something needs it stops that and fails the run', async () => {
    const made = await project()
    const lakitu = await made.begun(['uses'])
    for (const { pid, command } of processesWith(`MARK=${made.mark}`)) {
      if (command.includes('http.server')) process.kill(pid, 'SIGKILL')
    }
    const { code, stdout } = await lakitu.ended
    expect([code, made.alive()]).toEqual([1, []])
    expect(stdout).toMatch('E_SERVICE_ENDED: Service mirror ended while uses needed it')
    expect(stdout).toMatch('python3 was ended by SIGKILL')
    expect(stdout).toMatch(/✖ Failed after .*: 1 failed, 1 stopped/)
  })

  it.each([
    [
      'needs-early',
      'E_SERVICE_ENDED: Service early ended before it was ready',
      'sh exited with code 3',
      '│ no such port',
      'lakitu log early shows what it said',
    ],
    ['needs-never', 'E_SERVICE_NOT_READY: Service never was not ready within 300 ms and was stopped', 'not yet'],
  ])('that does not become ready blocks %s and says why', async (name, ...texts) => {
    const made = await project()
    const { code, stdout } = await made.start(name).ended
    expect([code, made.alive()]).toEqual([1, []])
    for (const text of texts) expect(stdout).toContain(text)
    expect(stdout).toMatch(/blocked +needs-/)
  })

  it('stays up between the runs of a watch, and is started anew when its files change', async () => {
    const made = await project()
    const watch = made.start('watch', 'tool', '--output', 'ndjson')
    await idle(watch, 1)
    expect(running(made)).toHaveLength(1)
    made.p.write('releases/tool/1.0/tool', 'two\n')
    await idle(watch, 2)
    expect(ranIn(since(watch, 1))).toEqual(['mirror', 'tool'])
    expect([made.p.read('bin/tool'), running(made).length]).toEqual(['two\n', 1])
    watch.kill('SIGINT')
    expect([(await watch.ended).code, made.alive()]).toEqual([130, []])
  })

  it('counts with the code of its probe', async () => {
    const made = await project()
    await made.start('plain').ended
    expect((await made.start('plan', 'plain').ended).stdout).toMatch(/not needed +mirror\nfresh +plain/)
    made.p.write('tasks.ts', tasks.replace('{ url:', '{ port, url:'))
    expect((await made.start('plan', 'plain').ended).stdout).toMatch(/will run +plain +needs › mirror changed/)
  })

  it('of a watch at rest ends when lakitu is killed', async () => {
    const made = await project()
    const watch = made.start('watch', 'tool', '--output', 'ndjson')
    await idle(watch, 1)
    expect(running(made)).toHaveLength(1)
    watch.kill('SIGKILL')
    await watch.ended
    await made.gone()
  })

  it('has no record, and nothing of it stays', async () => {
    const made = await project()
    const accept = await made.start('accept', 'mirror').ended
    const forget = await made.start('forget', 'mirror').ended
    expect([accept.code, forget.code]).toEqual([2, 2])
    expect(accept.stderr).toMatch('E_NOTHING_TO_ACCEPT: mirror is a service and has no record')
    expect(forget.stderr).toMatch('E_NOTHING_KNOWN: mirror is a service')
    expect((await made.start().ended).stdout).toMatch(/mirror +service +Releases on loopback/)
    const { stdout } = await made.start('list', '--json').ended
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'mirror', kind: 'service' }))
  })
})
