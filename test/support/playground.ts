import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Ending, Event } from '../../src/model/event.ts'
import { lineSplitter } from '../../src/util/lines.ts'

const repo = join(import.meta.dirname, '..', '..')

export interface PlaygroundOptions {
  /** Of the cluster: decides names and addresses on this computer. */
  readonly name: string
  readonly network: string
  /** Version of Consul that is asked for. */
  readonly consul: string
  readonly environment: Readonly<Record<string, string>>
  /** Works with what another suite fetched, where `npm test` says that there is such (LAKITU_TEST_CACHE). */
  readonly warm?: boolean
}

const cache = process.env['LAKITU_TEST_CACHE']

/** What one lakitu did. */
export interface Told {
  readonly code: number | null
  readonly events: readonly Event[]
  readonly stderr: string
  /** Tasks that ran, in order. */
  readonly ran: readonly string[]
  readonly endings: Readonly<Record<string, Ending>>
  readonly ms: number
  /** Everything, for the message of a failed assertion. */
  readonly text: string
}

/** The playground of this repository, copied into a folder of its own with a cluster of its own. */
export class Playground {
  readonly root: string
  readonly options: PlaygroundOptions
  private readonly children = new Set<ChildProcess>()

  constructor(options: PlaygroundOptions) {
    this.options = options
    this.root = mkdtempSync(join(tmpdir(), `lakitu-${options.name}-`))
    for (const part of ['tasks', 'ansible', 'samples', 'Vagrantfile', 'lakitu.config.ts']) {
      cpSync(join(repo, part), join(this.root, part), { recursive: true })
    }
    writeFileSync(join(this.root, 'package.json'), '{ "type": "module" }\n')
    this.write('cluster.ts', clusterText(options))
  }

  path(path: string): string {
    return join(this.root, path)
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.path(path), '..'), { recursive: true })
    writeFileSync(this.path(path), text)
  }

  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(this.read(path)))
  }

  /** Starts lakitu; `events` grows while it runs. */
  start(command: string, environment: Readonly<Record<string, string>> = {}): Running {
    const started = performance.now()
    const bin = join(repo, 'bin', 'lakitu.js')
    const child = spawn(process.execPath, [bin, ...command.split(' '), '--output', 'ndjson'], {
      cwd: this.root,
      env: { ...inherited(), ...this.shared(), ...this.options.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.children.add(child)
    const running = new Running(child)
    child.once('close', () => this.children.delete(child))
    running.ended = new Promise((resolve) => {
      child.once('close', (code) => resolve(running.told(code, performance.now() - started)))
    })
    return running
  }

  /** Words apart by blanks: `apply --force`. */
  lakitu(command: string, environment: Readonly<Record<string, string>> = {}): Promise<Told> {
    return this.start(command, environment).ended
  }

  /** Runs `lakitu lock`; rejects where it fails. Answers what it told. */
  async lock(environment: Readonly<Record<string, string>>): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(repo, 'bin', 'lakitu.js'), 'lock'], {
      cwd: this.root,
      env: { ...inherited(), ...this.options.environment, ...environment },
    })
    return stdout + stderr
  }

  /** Hands what was fetched to the suites that come after. */
  keepDownloads(): void {
    if (cache === undefined || existsSync(cache)) return
    cpSync(this.path('.cache/downloads'), join(cache, 'downloads'), { recursive: true })
  }

  private shared(): Readonly<Record<string, string>> {
    return this.options.warm && cache !== undefined ? { LAKITU_CACHE_DIR: cache } : {}
  }

  /** Takes everything away, also what a failed test left. */
  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGTERM')
    await this.lakitu('destroy')
    rmSync(this.root, { recursive: true, force: true })
  }
}

export class Running {
  readonly child: ChildProcess
  readonly events: Event[] = []
  ended: Promise<Told> = Promise.reject(new Error('not started'))
  private stderr = ''
  private readonly waiting = new Set<() => void>()

  constructor(child: ChildProcess) {
    this.ended.catch(() => {})
    this.child = child
    const lines = lineSplitter((line) => {
      this.events.push(JSON.parse(line))
      for (const look of this.waiting) look()
    })
    child.stdout?.on('data', (bytes: Buffer) => lines.push(bytes))
    child.stderr?.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString()
    })
  }

  /** Resolves with the first event from `from` on that fits; rejects when lakitu ends without one. */
  event(fits: (event: Event) => boolean, from = 0): Promise<number> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events.findIndex((event, i) => i >= from && fits(event))
        if (found === -1) return
        this.waiting.delete(look)
        resolve(found)
      }
      this.waiting.add(look)
      look()
      void this.ended.then((told) => reject(new Error(`lakitu ended before that: ${told.text}`)))
    })
  }

  told(code: number | null, ms: number): Told {
    const ran = this.events.flatMap((e) => (e.type === 'task-started' ? [e.task] : []))
    const ended = this.events.flatMap((e) => (e.type === 'task-ended' ? [[e.task, e.ending] as const] : []))
    const text = `${this.stderr}\n${this.events.map((event) => JSON.stringify(event)).join('\n')}`
    return { code, events: this.events, stderr: this.stderr, ran, endings: Object.fromEntries(ended), ms, text }
  }
}

function clusterText({ name, network, consul }: PlaygroundOptions): string {
  return `import { read, value } from 'lakitu'
import { lockFile } from 'lakitu/kits/artifacts'
import { defineCluster } from 'lakitu/kits/cluster'

export const cluster = value(
  defineCluster({
    name: '${name}',
    network: '${network}',
    hosts: { lakitu: { role: 'server' }, spiney1: { role: 'client' }, spiney2: { role: 'client' } },
    components: { consul: { version: '${consul}' }, nomad: { version: '2.0.4', ifUnavailable: 'leave out' } },
  }),
)
export const lock = lockFile(read('lakitu.lock.json'))
`
}

/** This process's environment without what the tests set for themselves. */
function inherited(): NodeJS.ProcessEnv {
  const { LAKITU_INSIDE: _inside, NODE_OPTIONS: _options, ...rest } = process.env
  return rest
}
