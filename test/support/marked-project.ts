import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type CliProject, cliProject, type Running } from './cli.ts'
import { processesWith } from './marked.ts'
import { until } from './until.ts'

let counter = 0

/** The file of a program of bad manners. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
}

/** A project whose programs get `MARK` in their environment, so that the test finds each of them. */
export interface MarkedProject {
  readonly p: CliProject
  readonly mark: string
  start(...args: readonly string[]): Running
  /** Starts lakitu and waits until these files are there. */
  begun(args: readonly string[], files?: readonly string[]): Promise<Running>
  /** Command lines of what runs, lakitu itself aside. */
  alive(): readonly string[]
  /** Nothing runs any more, some time soon. */
  gone(): Promise<void>
}

export async function markedProject(
  tasks: string,
  files: Readonly<Record<string, string>> = {},
): Promise<MarkedProject> {
  const p = await cliProject(tasks, files)
  counter += 1
  const mark = `lakitu-test-${process.pid}-${counter}-`
  const found = () => processesWith(`MARK=${mark}`)
  onTestFinished(() => {
    for (const { pid } of found()) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended just now.
      }
    }
  })
  const start = (...args: readonly string[]) => p.start(args, { MARK: mark })
  const alive = () =>
    found().flatMap(({ command }) => (/lakitu\.js|^script /.test(command) ? [] : [command.slice(0, 200)]))
  return {
    p,
    mark,
    start,
    alive,
    begun: async (args, wanted = ['begun']) => {
      const running = start(...args)
      const all = () => wanted.every((file) => p.has(file))
      await until(`${args.join(' ')} to begin`, () => all() || running.child.exitCode !== null, 60_000)
      if (!all()) throw new Error(`lakitu ended too early: ${running.stdout()}${running.stderr()}`)
      return running
    },
    gone: async () => {
      await until('all to be gone', () => alive().length === 0, 30_000).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : ''}; there still is ${alive().join(' | ')}`)
      })
    },
  }
}
