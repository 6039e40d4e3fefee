import { resolve } from 'node:path'
import { standardTerminal } from '../adapters/terminal/terminal.ts'
import { findConfig } from '../config/find.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { Downloads } from '../downloads/downloads.ts'
import type { Project } from '../engine/project.ts'
import { Secrets } from '../engine/secrets.ts'
import type { Emit } from '../model/event.ts'
import type { Terminal } from '../ports/terminal.ts'
import { ProjectState } from '../state/project.ts'
import { StatCache } from '../state/stat-cache.ts'
import { ToolAnswers } from '../state/tool-answers.ts'
import type { Options } from './options.ts'
import type { Stopping } from './signals.ts'
import { realPorts } from './wire.ts'

/** A project for commands that only look; a damaged journal is told on stderr, and left as it is. */
export async function openForReading(options: Options, stopping?: Stopping): Promise<Session> {
  const session = await openSession({ options, emit: () => {}, ...(stopping ? { stopping } : {}) })
  for (const { file } of session.project.state.trouble) {
    const text = `warning: ${file} is damaged: nothing in it is believed, and the next run sets it aside\n`
    standardTerminal('stderr').write(text)
  }
  return session
}

/** A project that is open in this process. */
export interface Session {
  readonly project: Project
  readonly loaded: LoadedConfig
  /** The same project with its config loaded anew. */
  reload(): Promise<Session>
  /** Keeps what was learned about files, and lets the helper processes go. */
  close(): Promise<void>
}

export interface SessionOptions {
  readonly options: Options
  readonly emit: Emit
  /** Where questions are asked. */
  readonly terminal?: Terminal
  /** A config may wait for something while it loads: a signal then ends the process, which has nothing to leave behind. */
  readonly stopping?: Stopping
}

export async function openSession({
  options,
  emit,
  terminal = standardTerminal('stderr'),
  stopping,
}: SessionOptions): Promise<Session> {
  const place = findConfig(resolve(options.C ?? '.'), options.config)
  // A function that opens `data/x` must find the same file from whichever folder lakitu is started in.
  process.chdir(place.root)
  const ports = realPorts(terminal, options.yes ?? false)
  const state = new ProjectState(ports.disk, place.root)
  const learned = { root: place.root, cache: state.cache, boot: ports.boot }
  const stats = new StatCache(ports.disk, learned)
  const offline = options.offline ?? ports.environment['LAKITU_OFFLINE'] === '1'
  const downloads = new Downloads(ports, { root: place.root, offline })
  // One for each attempt: Node keeps what a module threw, and a mended one would throw it again.
  let attempts = 0
  const open = async (): Promise<Session> => {
    attempts += 1
    const generation = attempts - 1
    const loaded = await endingBySignal(stopping, () => loadConfig(place, { disk: ports.disk, generation }))
    const { graph, code } = loaded
    const { environment, disk } = ports
    const secrets = new Secrets({ disk, environment, root: place.root, durable: state.durable })
    const tools = new ToolAnswers(disk, learned)
    const project: Project = { graph, state, stats, code, ports, emit, secrets, tools, downloads }
    return { project, loaded, reload: open, close: () => close(project) }
  }
  return open()
}

async function endingBySignal<T>(stopping: Stopping | undefined, load: () => Promise<T>): Promise<T> {
  const end = () => {
    const code = stopping?.exitCode() ?? 0
    // An error that nobody waited for is told later.
    if (code > 128) process.exit(code)
  }
  stopping?.signal.addEventListener('abort', end)
  try {
    return await load()
  } finally {
    stopping?.signal.removeEventListener('abort', end)
  }
}

async function close({ ports, stats }: Project): Promise<void> {
  await ports.processes.close()
  stats.save()
}
