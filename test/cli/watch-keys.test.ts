import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { missingForPty, type OnTerminal, onTerminal } from '../support/pty.ts'
import { until } from '../support/until.ts'

const tasks = `import { effect, files, task } from 'lakitu'
import { existsSync, writeFileSync } from 'node:fs'
const sh = (script: string) => ['sh', '-c', script]
export const copy = task('copy', { inputs: { a: files('in') }, outputs: ['out'], command: sh('cp in out; echo ran >> log') })
export const stubborn = task('stubborn', { inputs: { a: files('in') },
  command: sh('trap "" TERM; echo $$ > pid; [ "$(cat in)" = 1 ] || while :; do sleep 0.05; done') })
export const asks = task('asks', { inputs: { a: files('in') },
  run: ({ exec }) => exec('sh', ['-c', 'stty -a > modes; read word; echo "$word" > said'], { terminal: true }) })
export const deep = effect('deep', { inputs: { a: files('in') }, probe: () => existsSync('deep') || null, run: () => writeFileSync('deep', ''),
  drift: async ({ exec }) => {
    if (!existsSync('stopped')) await exec('sh', ['-c', 'trap "touch stopped; exit" TERM; touch looking; while :; do sleep 0.05; done'])
    return [{ where: 'here', what: 'a file', detail: '-old' }]
  } })
export const dear = effect('dear', { inputs: { a: files('in') }, asks: true, explain: () => ['makes it anew'],
  probe: () => existsSync('dear') || null, run: () => writeFileSync('dear', '') })
`

/** After lakitu: how it ended and how the terminal is set. */
const after = (command: string) => `trap : INT; ${command}; echo "ended with $?"; stty -a; echo over`

async function watching(task: string, shell = after): Promise<{ project: CliProject; terminal: OnTerminal }> {
  const project = await cliProject(tasks, { in: '1' })
  const terminal = onTerminal(['watch', task], { cwd: project.root, script: shell })
  return { project, terminal }
}

/** The terminal edits lines, shows what is typed, and sends signals. */
const asIsUsual = /(^|\s)isig icanon iexten echo\s/

/** How often the watch said that it waits. */
const idles = ({ screen }: OnTerminal) => screen().split('? help').length - 1
const idle = (terminal: OnTerminal, n: number) =>
  until(`idle number ${n}: ${terminal.screen()}`, () => idles(terminal) >= n)

async function expectEnd(terminal: OnTerminal, code: number): Promise<void> {
  await terminal.shows('over')
  const [, modes = ''] = terminal.screen().split(`ended with ${code}`)
  expect(modes).toMatch(asIsUsual)
}

describe.skipIf(missingForPty)('a watch on a terminal', () => {
  it('runs at Enter and at f, and q leaves it with the terminal as it was', async () => {
    const { project, terminal } = await watching('copy')
    await idle(terminal, 1)
    await terminal.shows('enter run · f full')
    terminal.type('\n')
    await terminal.shows('nothing to do')
    await idle(terminal, 2)
    terminal.type('f')
    await until('the forced run', () => project.read('log') === 'ran\nran\n')
    await idle(terminal, 3)
    terminal.type('q')
    await expectEnd(terminal, 0)
  })

  it('ends with 130 at Ctrl-C while it is idle, and at q or Ctrl-C during a run, which a second one hurries', async () => {
    const quiet = await watching('copy')
    await idle(quiet.terminal, 1)
    quiet.terminal.type('\x03')
    await expectEnd(quiet.terminal, 130)
    for (const key of ['\x03', 'q']) {
      const { project, terminal } = await watching('stubborn')
      await idle(terminal, 1)
      project.remove('pid')
      project.write('in', '2')
      await until('the run', () => project.has('pid') && project.read('pid') !== '')
      const began = performance.now()
      terminal.type(key)
      const again = setInterval(() => terminal.type(key), 300)
      await expectEnd(terminal, 130)
      clearInterval(again)
      // Without a second one the program has 10 s.
      expect(performance.now() - began).toBeLessThan(8000)
    }
  })

  it('gives the terminal to a program that asks something, and has the keys after that', async () => {
    const { project, terminal } = await watching('asks')
    await until('the question', () => project.has('modes') && project.read('modes').includes('echo'))
    terminal.type('quiet\n')
    await idle(terminal, 1)
    expect(project.read('modes')).toMatch(asIsUsual)
    expect(project.read('said')).toBe('quiet\n')
    terminal.type('q')
    await expectEnd(terminal, 0)
  })

  it('can be suspended, leaving the shell its terminal, and goes on after that', async () => {
    const shell = (command: string) =>
      `set -m; ${command}; stty -a > modes; echo suspended; fg; echo "ended with $?"; stty -a; echo over`
    const { project, terminal } = await watching('copy', shell)
    await idle(terminal, 1)
    terminal.type('\x1a')
    await terminal.shows('suspended')
    expect(project.read('modes')).toMatch(asIsUsual)
    terminal.type('?')
    await terminal.shows('p      pause')
    terminal.type('q')
    await expectEnd(terminal, 0)
  })

  it('looks deeper at c, which an edit stops by the ladder and goes first, and does all of it at f', async () => {
    const { project, terminal } = await watching('deep')
    await idle(terminal, 1)
    project.remove('deep')
    terminal.type('c')
    await until('the look', () => project.has('looking'))
    project.write('in', '2')
    await until('the end of the look', () => project.has('stopped'))
    await terminal.shows('1 place drifted')
    await terminal.shows('f applies all of it')
    expect(terminal.screen()).toMatch(
      /changed: in[\s\S]*ran {7}deep[\s\S]*deep: 1 place drifted[\s\S]* {2}here {2}a file\s+-old/,
    )
    project.remove('deep')
    terminal.type('f')
    await until('the forced run', () => project.has('deep'))
    await idle(terminal, 3)
    terminal.type('q')
    await expectEnd(terminal, 0)
  })

  it('shows what an effect that asks would do, and does it at Enter', async () => {
    const { project, terminal } = await watching('dear')
    await idle(terminal, 1)
    project.remove('dear')
    project.write('in', '2')
    await terminal.shows('makes it anew')
    await idle(terminal, 2)
    expect(project.has('dear')).toBe(false)
    terminal.type('\n')
    await until('the run', () => project.has('dear'))
    await idle(terminal, 3)
    terminal.type('q')
    await expectEnd(terminal, 0)
  })
})

it('in the background a watch leaves the terminal alone', { skip: missingForPty !== undefined }, async () => {
  const shell = (command: string) =>
    `set -m; ${command} & stty -a > before; until [ -e out ]; do sleep 0.05; done; read word; echo "$word" > said; kill %1; wait; echo over`
  const { project, terminal } = await watching('copy', shell)
  await until('the first run', () => project.has('out'))
  terminal.type('quiet\n')
  await terminal.shows('over')
  expect([project.read('said'), terminal.screen()]).toEqual(['quiet\n', expect.not.stringContaining('? help')])
})
