import { Downloads } from '../../src/downloads/downloads.ts'
import type { Ports } from '../../src/engine/ports.ts'
import type { Project } from '../../src/engine/project.ts'
import { Secrets } from '../../src/engine/secrets.ts'
import { CodeReader } from '../../src/fingerprint/code.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Event } from '../../src/model/event.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { ProjectState } from '../../src/state/project.ts'
import { StatCache } from '../../src/state/stat-cache.ts'
import { ToolAnswers } from '../../src/state/tool-answers.ts'
import { treePath } from '../../src/util/paths.ts'
import type { Machine } from './machine.ts'
import { textOf } from './program.ts'
import { type ProjectSpec, root } from './spec.ts'
import { tasksOf } from './tasks.ts'

/** What one lakitu sees. */
export interface Sight {
  readonly machine: Machine
  readonly spec: ProjectSpec
  readonly disk: Disk
  readonly boot: string
  readonly emit: (event: Event) => void
}

/** What the command line makes of a config before it does anything. */
export function openProject({ machine, spec, disk, boot, emit }: Sight): Project {
  const ports: Ports = {
    disk,
    locks: machine.locks,
    processes: machine.processes,
    http: { download: unused, text: unused, size: unused },
    archives: { unpack: unused },
    clock: machine.clock,
    environment: { ...machine.variables, PATH: '/bin' },
    platform: 'testix',
    arch: 't64',
    boot,
    ask: async () => undefined,
    lendTerminal: () => undefined,
  }
  const state = new ProjectState(disk, root)
  const stats = new StatCache(disk, { root, cache: state.cache, boot })
  const configPath = treePath(root, 'lakitu.config.ts')
  const graph = buildGraph({ tasks: tasksOf(spec, machine.world) }, root, { configPath })
  const code = new CodeReader({
    root,
    read: (path) => textOf(machine.disk, path) ?? '',
    resolve: () => undefined,
    locate: (url) => ({ kind: 'local', url }),
    isData: () => false,
    asked: () => [],
    observed: () => ({}),
  })
  const place = { root, cache: state.cache, boot }
  const secrets = new Secrets({ disk, environment: ports.environment, root, durable: state.durable })
  const downloads = new Downloads(ports, { root, offline: false })
  return { graph, state, stats, code, ports, emit, secrets, tools: new ToolAnswers(disk, place), downloads }
}

async function unused(): Promise<never> {
  throw new Error('simulated tasks load nothing')
}
