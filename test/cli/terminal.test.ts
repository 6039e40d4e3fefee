import { describe, expect, it } from 'vitest'
import { fixture, markedProject } from '../support/marked-project.ts'
import { missingForPty, type OnTerminal, onTerminal, type PtyOptions } from '../support/pty.ts'
import { until } from '../support/until.ts'

/** Asks as sudo does: at the terminal itself, with what is typed hidden. */
const asking = `stty -echo; printf "Password: "; touch begun; read answer </dev/tty; stty echo; echo "got $answer"; cut -d' ' -f5,8 /proc/$$/stat > groups`

const tasks = `
import { effect, task } from 'lakitu'
const ask = (name: string, script: string) => task(name, { run: async ({ exec, log }) => {
  log('before')
  const { code } = await exec('sh', ['-c', script], { terminal: true, passEnv: ['MARK'], grace: 500 })
  log('after ' + code)
} })
export const sudo = ask('sudo', ${JSON.stringify(asking)})
export const other = task('other', { run: async ({ exec, log }) => {
  await exec('sh', ['-c', 'while ! test -e begun; do sleep 0.05; done'])
  log('said by another task')
  await exec('sh', ['-c', 'while ! test -e groups; do sleep 0.05; done'])
} })
export const deaf = ask('deaf', 'trap "" INT TERM HUP; stty -echo; touch begun; while :; do sleep 0.05; done')
export const twice = task('twice', { needs: [ask('first', 'echo 1 begins; sleep 0.3; echo 1 ends'), ask('second', 'echo 2 begins; sleep 0.3; echo 2 ends')] })
export const chatty = task('chatty', { run: async ({ exec, log }) => {
  const noise = setInterval(() => log('still here'), 50)
  try { await exec('sh', ['${fixture('ends-on-term.sh')}', 'begun'], { passEnv: ['MARK'] }) } finally { clearInterval(noise) }
} })
export const built = task('built', { outputs: ['out'], run: async ({ exec, log }) => {
  for (let i = 0; i < 3000; i++) log('line ' + i + ' ' + 'x'.repeat(100))
  await exec('sh', ['-c', 'while ! test -e go; do sleep 0.05; done; echo made > out'])
} })
`

async function project(): Promise<
  Awaited<ReturnType<typeof markedProject>> & { on(args: string, options?: Partial<PtyOptions>): OnTerminal }
> {
  const made = await markedProject(tasks)
  const on = (args: string, options: Partial<PtyOptions> = {}) =>
    onTerminal(args.split(' '), { cwd: made.p.root, env: { MARK: made.mark }, ...options })
  return { ...made, on }
}

describe.skipIf(missingForPty !== undefined)('a program that is lent the terminal', () => {
  it.each(['tree', 'lines'])('asks and is answered, in the foreground, and the view (%s) waits', async (output) => {
    const { p, on } = await project()
    const shown = on(`sudo other -j 4 --output ${output}`)
    await shown.shows('Password: ')
    await until(
      'the other task to speak',
      () => p.has('.cache/lakitu/logs/other.log') && p.read('.cache/lakitu/logs/other.log') !== '',
    )
    expect(shown.screen()).not.toContain('said by another task')
    shown.type('secret\n')
    expect(await shown.ended).toBe(0)
    expect(shown.screen()).toMatch(/before[\s\S]*Password: [\s\S]*got secret[\s\S]*said by another task[\s\S]*after 0/)
    const [group, foreground] = p.read('groups').trim().split(/ +/)
    expect(foreground).toBe(group)
  })

  it('has it also when the output of lakitu goes elsewhere', async () => {
    const { p, on } = await project()
    const shown = on('sudo --output ndjson', { script: (lakitu) => `${lakitu} > out.ndjson` })
    await shown.shows('Password: ')
    shown.type('secret\n')
    expect(await shown.ended).toBe(0)
    expect(shown.screen()).toContain('got secret')
    for (const line of p.read('out.ndjson').trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type')
  })

  it('has it alone: another one waits', async () => {
    const { on } = await project()
    const shown = on('twice -j 4')
    expect(await shown.ended).toBe(0)
    const order = shown
      .screen()
      .match(/[12] (begins|ends)/g)
      ?.map((text) => text.split(' ')[1])
    expect(order).toEqual(['begins', 'ends', 'begins', 'ends'])
  })

  it('is ended by Ctrl-C, and the terminal is as before', async () => {
    const { alive, on } = await project()
    const shown = on('sudo', { script: (lakitu) => `trap : INT; ${lakitu}; echo "code $?"; stty -a` })
    await shown.shows('Password: ')
    shown.type('\x03')
    expect(await shown.ended).toBe(0)
    expect([shown.screen(), alive()]).toEqual([expect.stringMatching(/code 130[\s\S]* echo /), []])
  })

  it('is killed when it does not listen, and nothing else in its session with it', async () => {
    const { p, alive, on } = await project()
    const script = (lakitu: string) => `trap : INT; (trap "" INT; exec sleep 1000) & neighbour=$!
      ${lakitu}; echo "code $?"; stty -a; kill $neighbour && echo the neighbour lived`
    const shown = on('deaf', { script })
    await until('it to begin', () => p.has('begun'))
    shown.type('\x03')
    expect(await shown.ended).toBe(0)
    expect(shown.screen()).toMatch(/code 130[\s\S]* echo [\s\S]*the neighbour lived/)
    expect(alive()).toEqual([])
  })

  it('is ended when lakitu is killed', async () => {
    const { p, gone, on } = await project()
    const shown = on('deaf', { script: (lakitu) => `echo $$ > pid; exec ${lakitu}` })
    await until('it to begin', () => p.has('begun'))
    process.kill(Number(p.read('pid')), 'SIGKILL')
    await gone()
    shown.close()
  })

  it('is a clear error without a terminal', async () => {
    const { p } = await project()
    const { code, stdout } = await p.run('sudo')
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining('E_NO_TERMINAL: sh has to ask at a terminal, and there is none'),
    ])
  })
})

describe.skipIf(missingForPty !== undefined)('a terminal that goes away', () => {
  it('sends HUP, which stops the run', async () => {
    const { p, gone, on } = await project()
    const shown = on('chatty')
    await until('it to begin', () => p.has('begun'))
    shown.close()
    await gone()
    expect(p.has('begun.ended')).toBe(true)
    await expectStopped(p, 'chatty')
  })

  it.each(['tree', 'lines'])(
    'stops the run also where no HUP comes: lakitu in a session of its own (%s)',
    async (output) => {
      const { p, gone, on } = await project()
      const shown = on(`chatty --output ${output}`, {
        script: (lakitu) => `setsid -w ${lakitu}`,
      })
      await until('it to begin', () => p.has('begun'))
      // Drawn by now: what draws writes to both outputs.
      if (output === 'tree') await shown.shows('1 s')
      shown.close()
      await gone()
      expect(p.has('begun.ended')).toBe(true)
      await expectStopped(p, 'chatty')
    },
  )
})

describe('a reader that goes away', () => {
  it.each(['lines', 'ndjson'])('stops the view, not the tasks (%s)', async (output) => {
    const { p } = await project()
    const running = p.start(['built', '--output', output])
    running.child.stdout?.destroy()
    p.write('go', '')
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' })
    expect(p.read('out')).toBe('made\n')
    expect(await p.ran('built')).toEqual([])
  })
})

/** Lakitu writes what it still has to before it ends. */
async function expectStopped(p: { run(...args: string[]): Promise<{ stdout: string }> }, task: string): Promise<void> {
  const log = await p.run('log', task)
  expect(log.stdout).toContain('still here')
}
