import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

const lakitu = fileURLToPath(new URL('../../bin/lakitu.js', import.meta.url))

/** Why there is no pseudo-terminal to be had here; undefined where there is. */
export const missingForPty =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'script of util-linux makes the terminal'

/** Lakitu on a terminal of its own. */
export interface OnTerminal {
  readonly pid: number
  readonly ended: Promise<number | null>
  /** What the terminal shows, without colours and cursor movements. */
  screen(): string
  /** As if typed: `\x03` is Ctrl-C. */
  type(text: string): void
  /** Waits until the screen shows the text. */
  shows(text: string): Promise<void>
  /** Closes the window. */
  close(): void
}

export interface PtyOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What the shell on the terminal does; default nothing but lakitu. */
  readonly script?: (lakitu: string) => string
}

/** Through script(1): what comes into its pipe is typed. */
export function onTerminal(
  args: readonly string[],
  { cwd, env, script = (command) => `exec ${command}` }: PtyOptions,
): OnTerminal {
  const words = [process.execPath, lakitu, ...args].map((word) => `'${word}'`)
  const child = spawn('script', ['-qefc', `stty rows 24 cols 100; ${script(words.join(' '))}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += stripVTControlCharacters(text)
  })
  child.stdin.on('error', () => {})
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
    screen: () => screen,
    type: (text) => void child.stdin.write(text),
    shows: async (text) => {
      await until(`the terminal to show ${text}`, () => screen.includes(text) || child.exitCode !== null)
      if (!screen.includes(text)) throw new Error(`It never showed ${text}, but: ${screen}`)
    },
    close: () => void child.kill('SIGKILL'),
  }
}
