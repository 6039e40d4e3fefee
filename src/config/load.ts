import { whileLoading } from '../define/load.ts'
import { CodeReader } from '../fingerprint/code.ts'
import { buildGraph } from '../graph/build.ts'
import { commandsOf } from '../graph/commands.ts'
import type { Graph } from '../graph/graph.ts'
import type { Command } from '../model/command.ts'
import type { Config } from '../model/config.ts'
import { isSystemError, LakituError } from '../model/error.ts'
import type { Disk } from '../ports/disk.ts'
import { type TreePath, treePath } from '../util/paths.ts'
import { type EnvironmentWatch, watchingEnvironment } from './environment.ts'
import type { ConfigPlace } from './find.ts'
import { ProjectModules } from './modules.ts'
import { Observations } from './observations.ts'
import { onePlace, realFolders } from './real-folder.ts'

export interface LoadedConfig {
  readonly config: Config
  readonly graph: Graph
  /** What the config adds to the command line, by name. */
  readonly commands: ReadonlyMap<string, Command>
  readonly code: CodeReader
  /** File URLs of the local modules, also of those that functions import: what a watch looks at to load the config again. */
  readonly modules: readonly string[]
  readonly observed: ObservedAtLoad
}

/** What the modules looked at while they loaded, for a watch. */
export interface ObservedAtLoad {
  /** Folders and files in which a change can matter. */
  places(): readonly TreePath[]
  /** The calls that would see an edit of the file, as they stand in the facts of code. */
  callsThatSee(path: TreePath): readonly string[]
  /** Whether they would see anything else now. */
  changed(): boolean
}

export interface LoadSetting {
  readonly disk: Pick<Disk, 'list' | 'read' | 'realPath' | 'identity'>
  /** How often the config was loaded before in this process. */
  readonly generation: number
}

/** Loads the config and builds the graph. Errors of family usage: E_CONFIG, and those of the graph. */
export async function loadConfig({ root, file }: ConfigPlace, setting: LoadSetting): Promise<LoadedConfig> {
  const modules = new ProjectModules(root, setting.generation)
  const observed = new Observations(setting.disk, root)
  const environment: EnvironmentWatch = {
    isLocal: (url) => modules.isLocal(url),
    onRead: (variable, value, readers) => observed.env(variable, value, readers),
  }
  const load = () => watchingEnvironment(environment, () => modules.import(file))
  const loaded = await whileLoading(observed, load).catch((error: unknown) => {
    throw error instanceof LakituError || isSystemError(error) ? error : doesNotLoad(file, error)
  })
  const config = loaded['default']
  if (!isConfig(config)) throw noDefault(file)
  const graph = buildGraph(config, root, {
    configPath: treePath(root, file),
    observed: observed.looks,
    realFolder: realFolders(setting.disk, root),
    isOnePlace: onePlace(setting.disk, root),
  })
  const commands = commandsOf(config.tasks, graph)
  const data = new Set<string>()
  for (const url of modules.loaded) if (isData(await modules.exportsOf(url))) data.add(url)
  const source = modules.source(root, (url) => data.has(url))
  const code = new CodeReader({ ...source, observed: (url) => observed.of(url) })
  return {
    config,
    graph,
    commands,
    code,
    get modules() {
      return code.reached([...modules.loaded])
    },
    observed,
  }
}

function isConfig(thing: unknown): thing is Config {
  return isObject(thing) && 'tasks' in thing && isObject(thing.tasks)
}

function isObject(thing: unknown): thing is object {
  return typeof thing === 'object' && thing !== null
}

/** A module that exports only values is data: its content counts where it is picked, not as code. */
function isData(exports: Readonly<Record<string, unknown>>): boolean {
  const all = Object.values(exports)
  return all.length > 0 && all.every(isValue)
}

function isValue(thing: unknown): boolean {
  return typeof thing === 'object' && thing !== null && 'kind' in thing && thing.kind === 'value' && 'pick' in thing
}

function noDefault(file: string): LakituError {
  return new LakituError({
    code: 'E_CONFIG',
    headline: 'The config does not export a project as its default',
    facts: { file },
    next: 'End it with: export default defineConfig({ tasks: [ … ] })',
    family: 'usage',
  })
}

function doesNotLoad(file: string, error: unknown): LakituError {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const commonJs =
    error instanceof SyntaxError && /import statement outside a module|Unexpected token 'export'/.test(error.message)
  const circular = error instanceof ReferenceError && error.message.endsWith('before initialization')
  const [, at] = /(?:\(|at |^)((?:file:\/\/)?\/[^\s()]+:\d+(?::\d+)?)\)?$/m.exec(stack) ?? []
  return new LakituError({
    code: 'E_CONFIG',
    headline: `The config does not load: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    facts: { file, at: at?.replace(/^file:\/\//, '') },
    next: commonJs
      ? 'Say in package.json that its modules are ES modules: npm pkg set type=module'
      : circular
        ? 'If two modules import each other, write needs as a function: needs: () => ({ … }).'
        : 'Mend it, then run the same command again.',
    family: 'usage',
    cause: error,
  })
}
