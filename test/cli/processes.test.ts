import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Running } from '../support/cli.ts'
import { processesWith } from '../support/marked.ts'
import { fixture, type MarkedProject, markedProject } from '../support/marked-project.ts'
import { until } from '../support/until.ts'

/** Programs of bad manners, in shell. `MARK` is in their environment so that the test finds each of them. */
const tasks = `
import { effect, task } from 'lakitu'
import { writeFileSync } from 'node:fs'

const env = { MARK: process.env['MARK'] ?? '' }
const shell = (name: string, script: string, options: object = {}) =>
  task(name, { run: ({ exec }) => exec('sh', ['-c', script], { env, ...options }) })

export const polite = shell('polite', 'trap "touch said-goodbye; exit 0" TERM; touch begun; while :; do sleep 0.05; done')
export const patient = shell('patient', 'touch begun; while ! test -e go; do sleep 0.05; done')
export const deaf = shell('deaf', 'trap "" TERM INT; touch begun; while :; do sleep 0.05; done', { grace: 300 })
export const afterDeaf = task('afterDeaf', { needs: { deaf }, command: ['true'] })
export const family = shell('family', \`
  trap "" TERM INT
  setsid sh -c 'trap "" TERM INT; sh -c "trap \\\\"\\\\" TERM INT; while :; do sleep 0.05; done" & while :; do sleep 0.05; done' &
  sh -c 'trap "" TERM INT HUP; while :; do sleep 0.05; done' &
  touch begun
  while :; do sleep 0.05; done\`, { grace: 300 })
export const runaway = shell('runaway', \`
  sh -c 'trap "" TERM INT HUP; setsid sh -c "trap \\\\"\\\\" TERM INT HUP; touch begun; while :; do sleep 0.05; done" & exit 0'
  while :; do sleep 0.05; done\`, { grace: 300 })
export const cleaner = shell('cleaner', \`
  sh -c 'trap "sleep 0.3; touch child-cleaned-up; exit 0" TERM; touch begun; while :; do sleep 0.05; done' &
  trap "exit 0" TERM
  while :; do sleep 0.05; done\`)
const program = (name: string, file: string, after: () => void = () => {}) =>
  task(name, { run: ({ exec }) => exec('sh', ['${fixture('')}' + file, 'begun'], { passEnv: ['MARK'] }).then(after) })
export const background = program('background', 'holds-stdout.sh')
export const closed = program('closed', 'closes-stdout.sh')
export const reader = program('reader', 'reads-stdin.sh')
export const flood100 = program('flood100', 'floods.sh', () => writeFileSync('peak', String(process.resourceUsage().maxRSS)))
export const slow = shell('slow', 'sleep 1000', { timeout: 300, grace: 300 })
export const obedient = shell('obedient', 'trap "exit 0" TERM; sleep 1000 & wait', { timeout: 300 })
export const flood = shell('flood', 'i=0; while [ $i -lt 20000 ]; do echo "line $i of a flood that fills every pipe there is"; i=$((i+1)); done; echo end >&2')
export const selfkill = shell('selfkill', 'kill -9 $$')
export const silent = task('silent', { run: async ({ exec, root }) => {
  const said = await exec('sh', ['-c', 'echo out; echo err >&2; echo event >&3'], { onEvent: (line) => writeFileSync(root + '/event', line) })
  writeFileSync(root + '/said', JSON.stringify(said))
} })
export const environment = task('environment', { run: async ({ exec, root }) => {
  writeFileSync(root + '/env', (await exec('env', [], { env: { ADDED: 'yes', LANG: undefined }, passEnv: ['PASSED_*'] })).stdout)
} })
export const input = task('input', { run: async ({ exec, root }) => {
  const given = await exec('cat', [], { input: 'some\\ntext' })
  const none = await exec('cat')
  writeFileSync(root + '/input', JSON.stringify([given.stdout, none.stdout]))
} })
export const made = task('made', { outputs: ['made'], command: ['sh', '-c', 'touch begun; echo half > made; sleep 1000; echo whole > made'] })
export const noFolder = task('no-folder', { cwd: 'nowhere', command: ['true'] })
export const up = effect('up', { probe: () => 1, run: async ({ exec, note }) => { await note('vm', 'one'); await exec('sh', ['-c', 'touch begun; sleep 1000'], { env }) } })
`

const project = () => markedProject(tasks)

function begun(made: MarkedProject, ...args: readonly string[]): Promise<Running> {
  return made.begun(args)
}

describe('Ctrl-C', () => {
  it('asks the program to stop, waits for it, exits 130, and the task is stale next time', async () => {
    const made = await project()
    const running = await begun(made, 'polite')
    running.kill('SIGINT')
    const { code, stdout } = await running.ended
    expect([code, made.p.has('said-goodbye'), made.alive()]).toEqual([130, true, []])
    expect(stdout).toMatch(/stopped/)
  })

  it('leaves a half-made output stale', async () => {
    const made = await project()
    const running = await begun(made, 'made')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect((await made.p.run('why', 'made')).stdout).toContain('made: will run\n  its last run did not end\n')
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('and %s exits %d', async (signal, code) => {
    const made = await project()
    const running = await begun(made, 'polite')
    running.kill(signal)
    expect((await running.ended).code).toBe(code)
    expect([made.p.has('said-goodbye'), made.alive()]).toEqual([true, []])
  })

  it.each(['deaf', 'family', 'runaway'])('ends in the end what does not listen: %s', async (task) => {
    const made = await project()
    const running = await begun(made, task)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(made.alive()).toEqual([])
  })

  it('gives what the program started its time as well, when the program itself ends at once', async () => {
    const made = await project()
    const running = await begun(made, 'cleaner')
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
    expect([made.p.has('child-cleaned-up'), made.alive()]).toEqual([true, []])
  })

  it('twice does not wait for the grace time', async () => {
    const made = await project()
    made.p.write('tasks.ts', made.p.read('tasks.ts').replace('grace: 300', 'grace: 60_000'))
    const running = await begun(made, 'afterDeaf')
    running.kill('SIGINT')
    await until('the first to arrive', () => /afterDeaf +stopped/.test(running.stdout()))
    // Later than what counts as npm's copy of the first.
    setTimeout(() => running.kill('SIGINT'), 300)
    expect((await running.ended).code).toBe(130)
    expect(made.alive()).toEqual([])
  })

  it('is one Ctrl-C when npm hands it on as well', async () => {
    const made = await project()
    made.p.write('tasks.ts', made.p.read('tasks.ts').replace('touch said-goodbye', 'sleep 1; touch said-goodbye'))
    const running = await begun(made, 'polite')
    running.kill('SIGINT')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(made.p.has('said-goodbye')).toBe(true)
  })
})

describe('SIGKILL to lakitu', () => {
  it.each(['polite', 'deaf', 'family', 'runaway', 'up'])('leaves no orphan: %s', async (task) => {
    const made = await project()
    const running = await begun(made, task)
    expect(made.alive().length).toBeGreaterThan(0)
    running.kill('SIGKILL')
    await once(running.child, 'exit')
    await until('all to be gone', () => made.alive().length === 0)
  })

  it('makes the task stale, and an effect keeps its notes', async () => {
    const made = await project()
    const running = await begun(made, 'up')
    running.kill('SIGKILL')
    await once(running.child, 'exit')
    expect((await made.p.run('why', 'up')).stdout).toContain('up: will run\n  its last run did not end\n')
    expect(readFileSync(made.p.path('.lakitu/journal'), 'latin1')).toContain('"key":"vm"')
  })
})

describe('a program', () => {
  it('that leaves one behind that holds its output ends the task all the same, which warns of it', async () => {
    const made = await project()
    const { code, stdout } = await made.start('background').ended
    expect([code, made.alive()]).toEqual([0, []])
    expect(stdout).toContain('sh left processes running, which were ended: sleep')
  })

  it.each(['slow', 'obedient'])(
    'that does not end in its time is stopped and failed, whatever it says then: %s',
    async (task) => {
      const made = await project()
      const { code, stdout } = await made.start(task).ended
      expect([code, made.alive()]).toEqual([1, []])
      expect(stdout).toContain('E_TIMEOUT: sh did not end within 0.3 s and was stopped')
    },
  )

  it('that floods its output is read to the end', async () => {
    const made = await project()
    expect((await made.start('flood').ended).code).toBe(0)
    const log = made.p.read('.cache/lakitu/logs/flood.log').trimEnd().split('\n')
    expect([log.length, log.includes('end'), log.filter((line) => line.startsWith('line 19999 ')).length]).toEqual([
      20_001,
      true,
      1,
    ])
  })

  it('that floods its output with 100 MB is read to the end, and its memory stays small', async () => {
    const made = await project()
    expect((await made.start('flood100').ended).code).toBe(0)
    const log = made.p.path('.cache/lakitu/logs/flood100.log')
    expect(statSync(log).size).toBe(100_000 * 1001 + 'the end\n'.length)
    expect(Number(made.p.read('peak'))).toBeLessThan(400_000)
  }, 120_000)

  it('is stopped in the middle of a flood', async () => {
    const made = await project()
    const running = await begun(made, 'flood100')
    running.kill('SIGINT')
    expect([(await running.ended).code, made.alive()]).toEqual([130, []])
  }, 120_000)

  it('that closes its output is waited for', async () => {
    const made = await project()
    const running = await begun(made, 'closed')
    made.p.write('begun.go', '')
    expect((await running.ended).code).toBe(0)
  })

  it('that reads its input finds it empty', async () => {
    const made = await project()
    expect((await made.start('reader').ended).code).toBe(0)
    expect(made.p.read('begun')).toBe('')
  })

  it('that is killed by somebody else fails its task', async () => {
    const made = await project()
    const { code, stdout } = await made.start('selfkill').ended
    expect([code, stdout]).toEqual([1, expect.stringContaining('sh was ended by SIGKILL')])
  })

  it('gives its task what it wrote, stream by stream', async () => {
    const made = await project()
    expect((await made.start('silent').ended).code).toBe(0)
    expect(JSON.parse(made.p.read('said'))).toEqual({ code: 0, stdout: 'out', stderr: 'err' })
    expect(made.p.read('event')).toBe('event')
  })

  it('gets the base environment, what is declared, and nothing else', async () => {
    const { p } = await project()
    const given = { PASSED_ON: 'on', KEPT_BACK: 'back', NODE_OPTIONS: '--no-warnings', npm_config_x: 'x', LANG: 'C' }
    expect((await p.start(['environment'], given).ended).code).toBe(0)
    const env = p.read('env')
    expect(env).toMatch(/^ADDED=yes$/m)
    expect(env).toMatch(/^PASSED_ON=on$/m)
    expect(env).toMatch(/^PATH=/m)
    expect(env).not.toMatch(/^(KEPT_BACK|NODE_OPTIONS|npm_config_x|LANG)=/m)
  })

  it('gets its input, or none at all', async () => {
    const { p } = await project()
    expect((await p.run('input')).code).toBe(0)
    expect(JSON.parse(p.read('input'))).toEqual(['some\ntext', ''])
  })

  it('in a folder that is not there is a clear error', async () => {
    const { p } = await project()
    const { code, stdout } = await p.run('no-folder')
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('E_NO_FOLDER: true cannot run in nowhere, which is no folder'),
    ])
  })
})

describe('a watchdog that was killed', () => {
  it('does not keep lakitu from ending well', async () => {
    const made = await project()
    const running = await begun(made, 'patient')
    const watchdogs = processesWith('watchdog.').filter(({ pid }) => parentOf(pid) === running.pid)
    expect(watchdogs).toHaveLength(1)
    for (const { pid } of watchdogs) process.kill(pid, 'SIGKILL')
    await until('the watchdog to be gone', () => watchdogs.every(({ pid }) => parentOf(pid) === undefined))
    made.p.write('go', '')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}
