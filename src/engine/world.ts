import type { World } from '../fingerprint/world.ts'
import { type Graph, type Node, ownedPaths } from '../graph/graph.ts'
import type { PathFact } from '../model/facts.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { isEditors } from '../util/patterns.ts'
import { findProgram } from './environment.ts'
import { execFor } from './exec.ts'
import { identityText } from './look.ts'
import type { Project } from './project.ts'

/** What the files were just before they were read, and what the folders held. */
export interface Seen {
  /** Identities, as text. */
  readonly files: Map<TreePath, string>
  readonly folders: Map<TreePath, Entries>
}

type Entries = NonNullable<ReturnType<World['list']>>

/** The world for taking one task's facts; what it looks at is remembered in `seen`. */
export function worldFor(project: Project, node: Node, signal: AbortSignal, seen: Seen): World {
  const { graph, ports, stats } = project
  const { root } = graph
  const look = (path: TreePath) => {
    if (!seen.files.has(path)) seen.files.set(path, identityText(project, path))
    return stats.fact(path)
  }
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
    env: (variable) => ports.environment[variable],
    toolOutput: (program, args) => toolOutput(project, node.name, program, args, signal),
    programFact: (program) =>
      look(treePath(root, findProgram(ports.disk, program, { cwd: root, path: ports.environment['PATH'] }))),
  }
}

function listFolder({ graph, ports }: Project, folder: TreePath): Entries | undefined {
  return ports.disk.list(onDisk(graph.root, folder))?.map(({ name, kind }) => ({ name, isFolder: kind === 'folder' }))
}

/**
 * What the needs made counts as read, whether the task names it or not. Answers the first path that is no longer as its need
 * made it. A folder that the task itself adds to is left out.
 */
export function lookAtNeeds(project: Project, node: Node, seen: Seen): TreePath | undefined {
  const updated = node.outputs.flatMap((o) => (o.kind === 'updates' ? [o.of] : []))
  for (const need of node.requires.filter((other) => !updated.includes(other))) {
    const made = project.state.history(need.name, need.definition.kind).success?.outputs ?? {}
    for (const [path, fact] of Object.entries(made) as [TreePath, PathFact][]) {
      if (fact.startsWith('folder')) continue
      if (!seen.files.has(path)) seen.files.set(path, identityText(project, path))
      if (project.stats.fact(path) !== fact) return path
    }
  }
  return undefined
}

/**
 * The first path whose state is another now than when the facts were taken. Files are compared by identity: their content may
 * be back by now. A folder is compared by its names, less what the task itself makes there, since its own outputs touch it.
 */
export function movedSince(project: Project, node: Node, seen: Seen): TreePath | undefined {
  const { graph } = project
  for (const [path, before] of seen.files) {
    if (identityText(project, path) !== before) return path
  }
  for (const [folder, before] of seen.folders) {
    const now = listFolder(project, folder) ?? []
    if (namesIn(graph, node, folder, before) !== namesIn(graph, node, folder, now)) return folder
  }
  return undefined
}

function namesIn(graph: Graph, node: Node, folder: TreePath, entries: Entries): string {
  const foreign = entries.filter(({ name }) => {
    const path = treePath(graph.root, `${folder}/${name}`)
    const isOurs = name === '.cache' || name === '.lakitu' || graph.makerOf(path) !== undefined
    return !isOurs && !isEditors(name) && !leadsToOutput(node, path)
  })
  return JSON.stringify(foreign.map(({ name, isFolder }) => [name, isFolder]).sort())
}

/** Whether the entry is a folder that was made to hold one of the task's outputs. */
function leadsToOutput(node: Node, path: TreePath): boolean {
  return ownedPaths(node).some((owned) => owned.startsWith(`${path}/`))
}

function toolOutput(
  project: Project,
  task: string,
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const key = JSON.stringify([program, ...args])
  const known = project.tools.get(key)
  if (known) return known
  const exec = execFor({
    task,
    root: project.graph.root,
    ports: project.ports,
    signal,
    mark: `tool-${task}`,
    sweep: false,
    onLine: () => {},
    onWarning: () => {},
  })
  const asked = exec(program, args, { timeout: 30_000 }).then(({ stdout, stderr }) => (stdout || stderr).trim())
  project.tools.set(key, asked)
  // What fails now may be installed by the next task: only an answer is kept.
  asked.catch(() => project.tools.delete(key))
  return asked
}
