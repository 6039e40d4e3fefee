import { resolve } from 'node:path'
import type { World } from '../fingerprint/world.ts'
import { type Graph, type Node, ownedPaths } from '../graph/graph.ts'
import { isRewritten } from '../graph/rewrites.ts'
import type { PathFact } from '../model/facts.ts'
import { refuseUnreadableName } from '../state/names.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { isEditors } from '../util/patterns.ts'
import { findProgram } from './environment.ts'
import { identityText, listTree, onlyCtimeDiffers } from './look.ts'
import { partOf } from './parts.ts'
import type { Project } from './project.ts'
import type { Made, Settlements } from './settled.ts'
import { askTool } from './tools.ts'

/** What the files were just before they were read, and what the folders held. */
export interface Seen {
  /** The identity, and what was found then; undefined where that may not be known in plain. */
  readonly files: Map<TreePath, Made>
  readonly folders: Map<TreePath, Entries>
}

type Entries = NonNullable<ReturnType<World['list']>>

/** Whose facts are taken, and what is known of its needs. */
export interface Looking {
  readonly project: Project
  readonly node: Node
  readonly settled: Settlements
  readonly signal: AbortSignal
  readonly seen: Seen
}

/** Takes the identity first, once; answers the fact. */
export function see<F extends PathFact | undefined>(project: Project, seen: Seen, path: TreePath, factOf: () => F): F {
  const identity = seen.files.has(path) ? undefined : identityText(project, path)
  const fact = factOf()
  if (identity !== undefined) seen.files.set(path, { identity, fact })
  return fact
}

/** The world for taking one task's facts; what it looks at is remembered in `seen`. */
export function worldFor({ project, node, settled, signal, seen }: Looking): World {
  const { graph, ports, stats } = project
  const { root } = graph
  const look = (path: TreePath) => see(project, seen, path, () => stats.fact(path))
  return {
    root,
    platform: ports.platform,
    arch: ports.arch,
    pathFact: look,
    list: (folder) => {
      const entries = listFolder(project, folder)
      if (entries) seen.folders.set(folder, entries)
      return entries
    },
    isForeignOutput: (path) => {
      const maker = graph.makerOf(path)
      return maker !== undefined && !node.requires.includes(maker)
    },
    part: (task, patterns) => {
      const need = graph.byName.get(task)
      const part = need ? partOf(node, need, patterns, settled) : { facts: {}, paths: [] }
      for (const path of part.paths) see(project, seen, path, () => part.facts[path])
      return part
    },
    env: (variable) => ports.environment[variable],
    secret: (source) => {
      if ('file' in source) see(project, seen, treePath(root, source.file), () => undefined)
      return project.secrets.take(source, project.state.isOpen)
    },
    toolOutput: (question) => askTool(project, node.name, question, signal),
    programFact: (program, { cwd, env }) => {
      const path = env['PATH'] ?? ports.environment['PATH']
      return look(treePath(root, findProgram(ports.disk, program, { cwd: resolve(root, cwd), path })))
    },
  }
}

function listFolder({ graph, ports }: Project, folder: TreePath): Entries | undefined {
  const entries = listTree(ports.disk, graph.root, folder)
  if (!entries) refuseUnreadableName(ports.disk, onDisk(graph.root, folder))
  return entries
}

/**
 * What the needs made counts as read, whether the task names it or not. Answers the first path that is no longer as its need
 * made it. A folder that the task itself adds to is left out. What a service reads counts as well.
 */
export function lookAtNeeds(project: Project, node: Node, seen: Seen, settled: Settlements): TreePath | undefined {
  const updated = node.outputs.flatMap((o) => (o.kind === 'updates' ? [o.of] : []))
  for (const { from } of node.requires.flatMap((need) => settled.get(need) ?? [])) {
    for (const [path, made] of from?.files ?? []) if (!seen.files.has(path)) seen.files.set(path, made)
    for (const [folder, names] of from?.folders ?? []) if (!seen.folders.has(folder)) seen.folders.set(folder, names)
  }
  for (const need of node.requires.filter((other) => !updated.includes(other))) {
    const made = settled.get(need)?.outputs ?? {}
    for (const [path, fact] of Object.entries(made) as [TreePath, PathFact][]) {
      if (fact.startsWith('folder')) continue
      if (see(project, seen, path, () => project.stats.fact(path)) !== fact) return path
    }
  }
  return undefined
}

/** What became of what was looked at: the first path that moved, and those of which only the ctime did. */
export interface Moves {
  readonly moved: TreePath | undefined
  /** A link was made to it, its mode was changed there and back, or it was written and its times put back. */
  readonly touched: readonly TreePath[]
}

/**
 * The first path whose state is another now than when the facts were taken; what the task rewrites may move. Files are compared by identity:
 * their content may be back by now; and by content where their times are so young that an edit may not show in them. A folder is
 * compared by its names, less what the task itself makes there, since its own outputs touch it.
 */
export function movedSince(project: Project, node: Node, seen: Seen): Moves {
  const { graph } = project
  const touched: TreePath[] = []
  const mayMove = isRewritten(graph.root, node)
  for (const [path, before] of seen.files) {
    if (mayMove(path)) continue
    const how = compare(project, path, before)
    if (how === 'moved') return { moved: path, touched }
    if (how === 'touched') touched.push(path)
  }
  for (const [folder, before] of seen.folders) {
    const now = listFolder(project, folder) ?? []
    if (namesIn(graph, node, folder, before) !== namesIn(graph, node, folder, now)) return { moved: folder, touched }
  }
  return { moved: undefined, touched }
}

/** A path against what it was. */
export function compare(project: Project, path: TreePath, { identity, fact }: Made): 'same' | 'touched' | 'moved' {
  const now = identityText(project, path)
  // The content counts where the times are so young that an edit may not show in them: only then it is read again.
  if (now === identity) return fact === undefined || project.stats.fact(path) === fact ? 'same' : 'moved'
  return fact !== undefined && onlyCtimeDiffers(identity, now) && project.stats.fact(path) === fact
    ? 'touched'
    : 'moved'
}

function namesIn(graph: Graph, node: Node, folder: TreePath, entries: Entries): string {
  const mayMove = isRewritten(graph.root, node)
  const foreign = entries.filter(({ name }) => {
    const path = treePath(graph.root, `${folder}/${name}`)
    const isOurs = name === '.cache' || name === '.lakitu' || graph.makerOf(path) !== undefined
    return !isOurs && !isEditors(name) && !mayMove(path) && !leadsToOutput(node, path)
  })
  return JSON.stringify(foreign.map(({ name, isFolder }) => [name, isFolder]).sort())
}

/** Whether the entry is a folder that was made to hold one of the task's outputs. */
function leadsToOutput(node: Node, path: TreePath): boolean {
  return ownedPaths(node).some((owned) => owned.startsWith(`${path}/`))
}
