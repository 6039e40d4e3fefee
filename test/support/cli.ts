import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import { testFolder } from './folder.ts'

const lakitu = fileURLToPath(new URL('../../bin/lakitu.js', import.meta.url))

export interface Ended {
  /** The exit code, or the name of the signal. */
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string
}

/** A `lakitu` that runs as a process of its own. */
export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
}

/** A project folder on which real lakitus are run. */
export class CliProject {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  path(path: string): string {
    return join(this.root, path)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), text)
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  has(path: string): boolean {
    return existsSync(this.path(path))
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true })
  }

  /** `inside`: a program, with its words, that is to start it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, inside: readonly string[] = []): Running {
    const [program = '', ...words] = [...inside, process.execPath, lakitu, ...args]
    const child = spawn(program, words, {
      cwd: this.root,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.root, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const streams = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        streams[name] += stripVTControlCharacters(text)
      })
    }
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code, signal) => resolve({ code: code ?? signal, ...streams }))
    })
    const { pid = 0 } = child
    return {
      pid,
      ended,
      child,
      stdout: () => streams.stdout,
      stderr: () => streams.stderr,
      kill: (signal) => void child.kill(signal),
    }
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended
  }

  /** Runs and answers what it said as events, and which tasks ran. */
  async events(
    ...args: readonly string[]
  ): Promise<{ code: Ended['code']; events: readonly Event[]; ran: readonly string[] }> {
    const { code, stdout } = await this.run(...args, '--output', 'ndjson')
    const lines = stdout.split('\n').filter((line) => line !== '')
    const events = lines.map((line): Event => JSON.parse(line))
    const ran = events.flatMap((event) => (event.type === 'task-started' ? [event.task] : []))
    return { code, events, ran }
  }

  async ran(...args: readonly string[]): Promise<readonly string[]> {
    return (await this.events(...args)).ran
  }
}

/** A project with these files; `tasks` is the body of a config that exports its tasks by name. */
export async function cliProject(tasks: string, files: Readonly<Record<string, string>> = {}): Promise<CliProject> {
  const project = new CliProject(await testFolder())
  project.write(
    'lakitu.config.ts',
    `import { defineConfig } from 'lakitu'\nimport * as tasks from './tasks.ts'\nexport default defineConfig({ tasks })\n`,
  )
  project.write('tasks.ts', tasks)
  for (const [path, text] of Object.entries(files)) project.write(path, text)
  return project
}
