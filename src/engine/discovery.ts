import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import type { PathFact } from '../model/facts.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { readDepfile } from './depfile.ts'
import { isFolder, lookAt } from './look.ts'
import { opened } from './opened.ts'
import { Ownership } from './ownership.ts'
import type { Project } from './project.ts'
import { Quiet } from './quiet.ts'
import type { Made, Settlements } from './settled.ts'
import { compare, type Seen, see } from './world.ts'

/** What a run found that it reads, and the first of these paths that may have been another one when it was read. */
export interface Found {
  readonly facts: Readonly<Record<string, PathFact>>
  readonly moved: TreePath | undefined
  /** Of which only the ctime moved. */
  readonly touched: readonly TreePath[]
}

interface Named {
  readonly path: TreePath
  /** Not read itself, but a link that decides where `..` leads to. */
  readonly isWay: boolean
}

/**
 * The inputs that one run discovers. What `ctx.read` is asked for is looked at before it is read. What a depfile names is known only
 * afterwards; that it was the same all the while is proved by its identity from before the run, where the last run
 * or the need that made it gave reason to look, and else by its times: they must be older than the run.
 */
export class Discovery {
  private readonly facts = new Map<TreePath, PathFact>()
  private readonly touched: TreePath[] = []
  private readonly before = new Map<TreePath, Made>()
  private readonly declared: ReadonlySet<TreePath>
  private readonly ownership: Ownership
  private since = Number.NEGATIVE_INFINITY
  private refused: unknown
  private readonly project: Project
  private readonly node: Node
  private readonly seen: Seen
  private readonly settled: Settlements

  /** `seen`: what the declared facts were taken from, and nothing else yet. */
  constructor(project: Project, node: Node, seen: Seen, settled: Settlements) {
    this.project = project
    this.node = node
    this.seen = seen
    this.settled = settled
    this.declared = new Set(seen.files.keys())
    this.ownership = new Ownership(project, node)
  }

  /** Just before the run, with what it will probably read. */
  begin(expected: Iterable<TreePath>): void {
    if (this.node.depfile === undefined) return
    for (const path of expected) {
      if (!this.declared.has(path)) this.before.set(path, lookAt(this.project, path))
    }
    this.since = this.project.stats.stampNow()
  }

  /** `ctx.read`. */
  read(written: string): string | undefined {
    const { graph, ports } = this.project
    const { place, links } = opened(ports.disk, graph.root, written)
    // The fact first: of an edit in between, the text may know, but never the fact alone.
    for (const path of [...links, place]) this.look(treePath(graph.root, path))
    try {
      return ports.disk.read(place)?.toString()
    } catch (error) {
      throw hasCode(error, 'EISDIR') ? noFile(this.node, written) : error
    }
  }

  /** After the run. Errors: E_UNDECLARED_NEED, and those of the depfile. */
  end(): Found {
    if (this.refused) throw this.refused
    const { project, node } = this
    const quiet = new Quiet(project.ports.disk, project.graph.root, this.since)
    let moved: TreePath | undefined
    for (const { path, isWay } of this.named(readDepfile(project, node))) {
      const held = isWay ? this.prove(path, quiet) : this.proveFile(path, quiet)
      if (!held) moved ??= path
    }
    const sorted = [...this.facts].sort((a, b) => byCodeUnit(a[0], b[0]))
    return { facts: Object.fromEntries(sorted), moved, touched: this.touched }
  }

  /** What is known of what a run read that failed. */
  salvage(): readonly TreePath[] {
    try {
      return [...this.facts.keys(), ...this.named(readDepfile(this.project, this.node)).map(({ path }) => path)]
    } catch {
      // The run has failed with an error that says more.
      return [...this.facts.keys()]
    }
  }

  private named(written: readonly string[]): readonly Named[] {
    const { graph, ports } = this.project
    const from = onDisk(graph.root, treePath(graph.root, this.node.definition.cwd))
    const places = written.map((path) => opened(ports.disk, from, path))
    const named = new Map<TreePath, Named>()
    for (const [place, isWay] of places.flatMap((p) => [
      ...p.links.map((link) => [link, true] as const),
      [p.place, false] as const,
    ])) {
      const path = treePath(graph.root, place)
      if (!this.declared.has(path) && !this.ownership.isOwn(path)) named.set(path, { path, isWay })
    }
    return [...named.values()]
  }

  private look(path: TreePath): void {
    if (this.ownership.isOwn(path)) return
    const fact = see(this.project, this.seen, path, () => this.project.stats.fact(path))
    if (this.declared.has(path)) return
    try {
      this.ownership.refuseUndeclared(path)
    } catch (error) {
      // Also when the task's function catches it.
      this.refused ??= error
      throw error
    }
    this.add(path, fact)
  }

  private proveFile(path: TreePath, quiet: Quiet): boolean {
    const place = onDisk(this.project.graph.root, path)
    return isFolder(this.project.ports.disk, place) ? this.passFolder(path) : this.prove(path, quiet)
  }

  /** Adds what the depfile names; answers whether it was like that while the run lasted. */
  private prove(path: TreePath, quiet: Quiet): boolean {
    const { project } = this
    this.ownership.refuseUndeclared(path)
    const known = this.before.get(path) ?? this.madeBefore(path)
    if (known?.fact !== undefined) {
      this.add(path, known.fact)
      const how = compare(project, path, known)
      if (how === 'touched') this.touched.push(path)
      return how !== 'moved'
    }
    const fact = project.stats.fact(path)
    this.add(path, fact)
    // Of a device only what it is counts, not when it was written to.
    return fact === 'other' || quiet.holds(onDisk(project.graph.root, path))
  }

  /** As the need left it that made it, in this process. */
  private madeBefore(path: TreePath): Made | undefined {
    const maker = this.project.graph.makerOf(path)
    return maker && this.settled.get(maker)?.made?.get(path)
  }

  /** What is in a folder is no fact of it: it must be declared. */
  private passFolder(path: TreePath): boolean {
    if (!this.seen.folders.has(path)) throw listsFolder(this.node, path)
    return true
  }

  private add(path: TreePath, fact: PathFact): void {
    if (!this.facts.has(path)) this.facts.set(path, fact)
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function noFile({ name, definition }: Node, path: string): LakituError {
  return new LakituError({
    code: 'E_NOT_A_FILE',
    headline: `Task ${name} wants to read ${path}, which is a folder`,
    facts: { declared: definition.site },
    next: 'Declare what is in it with files(…), and read those.',
    family: 'usage',
  })
}

function listsFolder({ name, depfile, definition }: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_DEPFILE',
    headline: `The depfile of ${name} names ${path}, which is a folder: what counts in it, it does not say`,
    facts: { depfile, declared: definition.site },
    next: `Declare what the task reads there, for example files('${path}/**').`,
  })
}
