import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Running } from '../support/cli.ts'
import { fixture, type MarkedProject, markedProject } from '../support/marked-project.ts'
import { until } from '../support/until.ts'

/** Programs that do not end by themselves. */
const stubborn = [
  'ends-on-term',
  'ignores-term',
  'daemonizes',
  'own-group',
  'setsid-child',
  'closes-stdout',
  'forks-while-stopped',
]
const begunFiles = stubborn.map((name) => `begun-${name}`)

/** One task for each of them, with a record, so that it could be called fresh. */
const tasks = (options: string, grace: number) => `
import { task, value } from 'lakitu'
const names = ${JSON.stringify(stubborn)}
export const all = names.map((name) => task(name, {
  inputs: { name: value(name) },
  ${options}
  run: ({ exec, inputs: { name } }) => exec('sh', ['${fixture('')}' + name + '.sh', 'begun-' + name], { passEnv: ['MARK'], grace: ${grace} }).then(() => 1),
}))
`

async function started(options = '', grace = 500): Promise<MarkedProject & { readonly running: Running }> {
  const made = await markedProject(tasks(options, grace))
  const running = await made.begun(['-j', '20', '-k', ...stubborn], begunFiles)
  return { ...made, running }
}

async function expectAllStale({ p }: MarkedProject, reason: string): Promise<void> {
  const { stdout } = await p.run('plan', ...stubborn)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual(
    stubborn.map((name) => expect.stringContaining(`will run ${name} ${reason}`)),
  )
}

describe('programs of bad manners', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'are all gone after %s, exit %d',
    async (signal, code) => {
      const made = await started()
      made.running.kill(signal)
      expect((await made.running.ended).code).toBe(code)
      expect(made.alive()).toEqual([])
      expect(made.p.has('begun-ends-on-term.ended')).toBe(true)
      await expectAllStale(made, 'its last run did not end')
    },
    120_000,
  )

  it('are gone soon after a second Ctrl-C', async () => {
    const made = await started('', 1000_000)
    made.running.kill('SIGINT')
    await until('the first to be asked', () => made.p.has('begun-ends-on-term.ended'))
    // Later than what counts as npm's copy of the first.
    setTimeout(() => made.running.kill('SIGINT'), 300)
    expect((await made.running.ended).code).toBe(130)
    expect(made.alive()).toEqual([])
    await expectAllStale(made, 'its last run did not end')
  }, 120_000)

  it('are gone after SIGKILL of lakitu', async () => {
    const made = await started()
    made.running.kill('SIGKILL')
    await once(made.running.child, 'exit')
    await made.gone()
    await expectAllStale(made, 'its last run did not end')
  }, 120_000)

  it('are gone after SIGKILL of a lakitu that was just stopping them', async () => {
    const made = await started('', 1000_000)
    made.running.kill('SIGTERM')
    await until('the first to be asked', () => made.p.has('begun-ends-on-term.ended'))
    made.running.kill('SIGKILL')
    await made.gone()
    await expectAllStale(made, 'its last run did not end')
  }, 120_000)

  it('are gone when the time of their tasks is over, exit 1', async () => {
    const made = await started('timeout: 12_000,')
    const { code, stdout } = await made.running.ended
    expect([code, made.alive()]).toEqual([1, []])
    for (const name of stubborn) {
      expect(stdout).toContain(`E_TIMEOUT: ${name} did not end within 12.0 s and was stopped`)
    }
    await expectAllStale(made, 'its last run failed')
  }, 120_000)
})

describe('an effect', () => {
  const effects = `
import { effect } from 'lakitu'
const run = (name: string) => effect(name, { probe: () => 1, run: async ({ exec }) => {
  await exec('sh', ['${fixture('')}' + name + '.sh', 'begun'], { passEnv: ['MARK'], grace: 1000_000 })
} })
export const child = run('setsid-child')
export const daemon = run('daemonizes')
`
  it('leaves no grandchild in a session of its own whose parents ended first', async () => {
    const made = await markedProject(effects)
    const running = await made.begun(['setsid-child'])
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
    expect(made.alive()).toEqual([])
  })

  it('leaves none either when lakitu is killed between asking and killing', async () => {
    const made = await markedProject(effects)
    const running = await made.begun(['setsid-child'])
    running.kill('SIGTERM')
    await until('the parents to end', () => made.alive().length === 1 || running.child.exitCode !== null)
    running.kill('SIGKILL')
    await made.gone()
  })

  it('keeps the daemon that it detached on purpose', async () => {
    const made = await markedProject(effects)
    const running = await made.begun(['daemonizes'])
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
    expect(made.alive().some((command) => command.includes('begun'))).toBe(true)
  })
})
