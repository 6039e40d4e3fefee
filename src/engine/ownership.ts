import { basename, dirname, join } from 'node:path'
import { isNeeded, type Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import type { Project } from './project.ts'

/** Who makes what a task reads, also where it gets there by links. */
export class Ownership {
  private readonly folders = new Map<string, string | undefined>()
  private readonly project: Project
  private readonly node: Node

  constructor(project: Project, node: Node) {
    this.project = project
    this.node = node
  }

  /** What the task itself makes, or adds to: no input. */
  isOwn(path: TreePath): boolean {
    const { node } = this
    const updated = node.outputs.flatMap((o) => (o.kind === 'updates' ? [o.of] : []))
    return this.makersOf(path).some((maker) => maker === node || updated.includes(maker))
  }

  /** Error: E_UNDECLARED_NEED where another task makes it that is no need: which of the two runs first is chance. */
  refuseUndeclared(path: TreePath): void {
    for (const maker of this.makersOf(path)) {
      if (maker !== this.node && !isNeeded(this.node, maker)) throw undeclared(this.node, maker, path)
    }
  }

  private makersOf(path: TreePath): readonly Node[] {
    const { graph } = this.project
    const real = this.realPath(onDisk(graph.root, path))
    const paths = real === undefined ? [path] : [path, treePath(graph.root, real)]
    return paths.flatMap((each) => graph.makerOf(each) ?? [])
  }

  /** Many paths are in few folders. */
  private realPath(place: string): string | undefined {
    const { disk } = this.project.ports
    if (disk.identity(place)?.kind === 'link') return disk.realPath(place)
    const folder = dirname(place)
    if (!this.folders.has(folder)) this.folders.set(folder, disk.realPath(folder))
    const real = this.folders.get(folder)
    return real && join(real, basename(place))
  }
}

function undeclared(node: Node, maker: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_UNDECLARED_NEED',
    headline: `${node.name} read ${path}, which ${maker.name} makes: it needs ${maker.name}`,
    facts: { declared: node.definition.site, [maker.name]: maker.definition.site },
    next: `Add ${maker.name} to the needs of ${node.name}, so that it runs first.`,
    family: 'usage',
  })
}
