import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { nodeDisk } from '../../src/adapters/node-disk.ts'
import { sqliteLocks } from '../../src/adapters/sqlite-lock.ts'
import { Downloads } from '../../src/downloads/downloads.ts'
import type { StopSignals } from '../../src/engine/execute.ts'
import type { Memory } from '../../src/engine/memory.ts'
import { type Forecast, plan } from '../../src/engine/plan.ts'
import type { Ports } from '../../src/engine/ports.ts'
import type { Project } from '../../src/engine/project.ts'
import { type RunRequest, type RunResult, run } from '../../src/engine/run.ts'
import { Secrets } from '../../src/engine/secrets.ts'
import type { Services } from '../../src/engine/services.ts'
import { CodeReader } from '../../src/fingerprint/code.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { select } from '../../src/graph/select.ts'
import type { Config, TaskSource } from '../../src/model/config.ts'
import type { Ending, Event } from '../../src/model/event.ts'
import { reasonText } from '../../src/model/reason.ts'
import type { Processes } from '../../src/ports/processes.ts'
import { ProjectState } from '../../src/state/project.ts'
import { StatCache } from '../../src/state/stat-cache.ts'
import { ToolAnswers } from '../../src/state/tool-answers.ts'
import { treePath } from '../../src/util/paths.ts'
import { JumpingClock } from './clock.ts'
import { testFolder } from './folder.ts'

/** What one `lakitu` did, for a test to look at. */
export interface Ran {
  /** Names of the tasks that ran, in order; one that ran twice stands twice. */
  readonly ran: readonly string[]
  /** Names of the tasks whose results were had from the cache. */
  readonly restored: readonly string[]
  readonly outcome: RunResult['outcome']
  readonly endings: Readonly<Record<string, Ending>>
  /** Name → how it ended. */
  readonly states: Readonly<Record<string, Ending['state']>>
  /** Name → reasons of its first start, for people. */
  readonly why: Readonly<Record<string, readonly string[]>>
  readonly events: readonly Event[]
}

export interface RunOptions {
  readonly jobs?: number
  readonly keepGoing?: boolean
  readonly force?: boolean
  readonly wait?: boolean
  readonly pools?: Readonly<Record<string, number>>
  readonly stop?: StopSignals
  readonly cacheLimit?: number
  readonly downloadLimit?: number
  readonly offline?: boolean
  readonly onEvent?: (event: Event) => void
  /** Of a watch, of which this is one run among others. */
  readonly services?: Services
  readonly memory?: Memory
}

/** Programs that no test of this project starts. */
const noProcesses: Processes = {
  start: async () => {
    throw new Error('this test starts no programs')
  },
  finishOff: async () => ({ waited: false, release: () => {} }),
  close: async () => {},
}

/**
 * A project in a folder of its own on the real disk. Every call of `run` and `plan` opens it anew, as a new lakitu
 * process would: nothing is remembered but what is on the disk.
 */
export class TestProject {
  readonly root: string
  readonly clock = new JumpingClock()
  readonly ports: Ports
  private readonly tasks: () => TaskSource

  constructor(root: string, tasks: () => TaskSource, ports: Partial<Ports> = {}) {
    this.root = root
    this.tasks = tasks
    this.ports = {
      disk: nodeDisk,
      locks: sqliteLocks,
      processes: noProcesses,
      http: { download: unused, text: unused, size: unused },
      archives: { unpack: unused },
      clock: this.clock,
      environment: { PATH: process.env['PATH'] },
      platform: 'testix',
      arch: 't64',
      boot: 'boot',
      ask: async () => undefined,
      lendTerminal: () => undefined,
      ...ports,
    }
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

  /** The project as a new process would find it. */
  open(emit: (event: Event) => void = () => {}, offline = false): Project {
    const config: Config = { tasks: this.tasks() }
    const { disk, boot, environment } = this.ports
    const state = new ProjectState(disk, this.root)
    const learned = { root: this.root, cache: state.cache, boot }
    const stats = new StatCache(disk, learned)
    const graph = buildGraph(config, this.root, { configPath: treePath(this.root, 'lakitu.config.ts') })
    const secrets = new Secrets({ disk, environment, root: this.root, durable: state.durable })
    return {
      graph,
      state,
      stats,
      code: noCode,
      ports: this.ports,
      emit,
      secrets,
      tools: new ToolAnswers(disk, learned),
      downloads: new Downloads(this.ports, { root: this.root, offline }),
    }
  }

  async run(names: string | readonly string[], options: RunOptions = {}): Promise<Ran> {
    const events: Event[] = []
    const project = this.open((event) => {
      events.push(event)
      options.onEvent?.(event)
    }, options.offline)
    const never = new AbortController().signal
    const request: RunRequest = {
      targets: select(project.graph, [names].flat()),
      force: options.force ?? false,
      jobs: options.jobs ?? 4,
      keepGoing: options.keepGoing ?? false,
      pools: options.pools ?? {},
      cacheLimit: options.cacheLimit ?? Number.POSITIVE_INFINITY,
      downloadLimit: options.downloadLimit ?? Number.POSITIVE_INFINITY,
      writer: { command: [names].flat().join(' '), pid: process.pid, wait: options.wait ?? true },
      ...(options.services ? { services: options.services } : {}),
      ...(options.memory ? { memory: options.memory } : {}),
    }
    const { outcome, endings } = await run(project, request, options.stop ?? { signal: never, hurry: never })
    project.stats.save()
    const started = events.filter((event) => event.type === 'task-started')
    const byName = Object.fromEntries([...endings].map(([node, ending]) => [node.name, ending]))
    return {
      ran: started.map((event) => event.task),
      restored: Object.keys(byName).filter((name) => byName[name]?.state === 'restored'),
      outcome,
      endings: byName,
      states: Object.fromEntries(Object.entries(byName).map(([name, ending]) => [name, ending.state])),
      why: Object.fromEntries(
        started.filter((event) => event.attempt === 1).map(({ task, reasons }) => [task, reasons.map(reasonText)]),
      ),
      events,
    }
  }

  async plan(names: string | readonly string[], force = false): Promise<Readonly<Record<string, Forecast['kind']>>> {
    const forecasts = await this.forecasts(names, force)
    return Object.fromEntries(forecasts.map(({ node, kind }) => [node.name, kind]))
  }

  async forecasts(names: string | readonly string[], force = false): Promise<readonly Forecast[]> {
    const project = this.open()
    return plan(project, select(project.graph, [names].flat()), force, new AbortController().signal)
  }
}

/** Until what was just written is old enough that its times prove something. */
export function settleTimes(): Promise<void> {
  return wait(40)
}

/** A project with these tasks (made anew for each opening) in a new folder. */
export async function testProject(tasks: () => TaskSource, ports: Partial<Ports> = {}): Promise<TestProject> {
  return new TestProject(await testFolder(), tasks, ports)
}

/** Without content: what code counts is tried with real processes in test/cli. */
const noCode = new CodeReader({
  root: '/',
  read: () => '',
  resolve: () => undefined,
  locate: () => ({ kind: 'package', id: 'tests' }),
  isData: () => false,
  asked: () => [],
  observed: () => ({}),
})

async function unused(): Promise<never> {
  throw new Error('this test loads nothing')
}
