import { dirname } from 'node:path'
import type { Node } from '../graph/graph.ts'
import { closure } from '../graph/select.ts'
import type { PathFact } from '../model/facts.ts'
import type { RunRecord } from '../model/record.ts'
import type { Watch, Watcher } from '../ports/watcher.ts'
import { isWithin, onDisk, type TreePath, treePath } from '../util/paths.ts'
import { isEditors } from '../util/patterns.ts'
import { discoveredBy } from './discovered.ts'
import { lookAt } from './look.ts'
import { above } from './opened.ts'
import type { Project } from './project.ts'
import type { RunResult } from './run.ts'

/** Places in which nothing is ever a reason to run. */
const never: readonly string[] = ['.git', '.lakitu', '.cache/lakitu']

/** Whether a watch has nothing to do with the path, asked for or not: lakitu's own, a package's, a task's output. */
export function isPassedOver({ graph }: Project, path: TreePath): boolean {
  const isLakitus = never.some((place) => isWithin(path, place))
  return isLakitus || path.includes('node_modules') || graph.makerOf(path) !== undefined
}

const everything = '.' as TreePath

/** Watches what runs found out that they read, and where links lead to. That is known only when they have run, so more is added after each. */
export class Follower {
  private readonly followed = new Set<TreePath>()
  private readonly watches: Watch[] = []
  /** Folders that are watched. */
  readonly folders = new Set<string>()
  private wanted: ReadonlySet<TreePath> = new Set()
  /** Of which everything inside is wanted too. */
  private trees: readonly TreePath[] = []
  private readonly watcher: Watcher
  private readonly project: Project
  private readonly targets: readonly Node[]
  private readonly ring: (path: TreePath) => void

  constructor(watcher: Watcher, project: Project, targets: readonly Node[], ring: (path: TreePath) => void) {
    this.watcher = watcher
    this.project = project
    this.targets = targets
    this.ring = ring
  }

  async follow({ read }: RunResult): Promise<void> {
    const recorded = this.recorded()
    // A compiler that failed does not always say what it read: any edit may be the one that mends it.
    const isBlind = [...read.keys()].some(({ depfile }) => depfile !== undefined)
    const failed = [...read.values()].flat().filter((path) => this.isOurs(path))
    const paths = [...recorded.keys(), ...failed].flatMap((path) => this.alsoReal(path))
    const { ports, graph } = this.project
    this.trees = paths.filter((path) => ports.disk.identity(onDisk(graph.root, path))?.kind === 'folder')
    this.wanted = new Set([...paths, ...(isBlind ? [everything] : [])])
    const fresh = [...this.wanted].filter((path) => !this.followed.has(path))
    if (fresh.length === 0) return
    for (const path of fresh) this.followed.add(path)
    this.watches.push(await this.start(fresh))
    // An edit from before the watching began rang no bell.
    for (const path of fresh) {
      const before = recorded.get(path)
      if (before !== undefined && lookAt(this.project, path).fact !== before) this.ring(path)
    }
  }

  async close(): Promise<void> {
    for (const watch of this.watches) await watch.close()
  }

  private recorded(): ReadonlyMap<TreePath, PathFact> {
    const { graph, state } = this.project
    const nodes = closure(graph, this.targets, 'needs and after')
    const found = nodes.flatMap((node) => {
      const { success } = state.history(node.name, node.definition.kind)
      return [...discoveredBy(success), ...linksIn(success)]
    })
    return new Map(found.filter(([path]) => this.isOurs(path)))
  }

  /** Behind a link on the way, events come from where it leads. */
  private alsoReal(path: TreePath): readonly TreePath[] {
    const { graph, ports } = this.project
    const real = ports.disk.realPath(onDisk(graph.root, path))
    return real === undefined ? [path] : [path, treePath(graph.root, real)].filter((each) => this.isOurs(each))
  }

  private isOurs(path: TreePath): boolean {
    return isWithin(path, everything) && !isPassedOver(this.project, path)
  }

  private start(paths: readonly TreePath[]): Promise<Watch> {
    const { root } = this.project.graph
    const places = paths.map((path) => onDisk(root, path))
    const folders = places.map((place) => (place === root ? root : this.nearestFolder(dirname(place))))
    for (const folder of folders) this.folders.add(folder)
    const ways = new Set(places.flatMap(above))
    const ignored = (place: string) => {
      const path = treePath(root, place)
      return path !== everything && (isPassedOver(this.project, path) || !(ways.has(place) || this.isWanted(path)))
    }
    return this.watcher.watch([...new Set(folders)], ignored, (place) => {
      const path = treePath(root, place)
      if (this.isWanted(path) && !isPassedOver(this.project, path)) this.ring(path)
    })
  }

  private isWanted(path: TreePath): boolean {
    if (this.wanted.has(path)) return true
    return !isEditors(path) && (this.wanted.has(everything) || this.trees.some((tree) => isWithin(path, tree)))
  }

  /** What is looked for in vain may be in a folder that is not there either. */
  private nearestFolder(folder: string): string {
    const { graph, ports } = this.project
    const isThere = folder === graph.root || ports.disk.identity(folder)?.kind === 'folder'
    return isThere ? folder : this.nearestFolder(dirname(folder))
  }
}

/** The links among the declared inputs, as they were found. */
function linksIn(success: RunRecord | undefined): readonly (readonly [TreePath, PathFact])[] {
  const inputs = Object.values(success?.facts['inputs'] ?? {})
  const files = inputs.flatMap((input) => (typeof input === 'object' && input !== null ? Object.entries(input) : []))
  return files.filter(([, fact]) => typeof fact === 'string' && fact.startsWith('link ')) as [TreePath, PathFact][]
}
