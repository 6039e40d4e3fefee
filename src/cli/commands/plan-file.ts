import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EditOf, foreseeEdit, type Reader } from '../../engine/readers.ts'
import { closure, select } from '../../graph/select.ts'
import { LakituError } from '../../model/error.ts'
import { type TreePath, treePath } from '../../util/paths.ts'
import { listing } from '../../util/text.ts'
import { visible } from '../../util/width.ts'
import type { Session } from '../session.ts'

export interface FileQuestion {
  /** As they were typed. */
  readonly files: readonly string[]
  /** The folder that they are relative to, absolute. */
  readonly from: string
  /** Tasks with what they need; none: all. */
  readonly names: readonly string[]
  readonly signal: AbortSignal
}

/** What edits of these files would concern. Error: E_FILE. */
export async function foreseeEdits({ project, loaded }: Session, question: FileQuestion): Promise<readonly EditOf[]> {
  const { graph, ports } = project
  const paths = question.files.map((file) => inTree(graph.root, question.from, file))
  for (const path of paths) {
    if (ports.disk.identity(resolve(graph.root, path))?.kind === 'folder') throw isFolder(path)
  }
  const { names, signal } = question
  const nodes = names.length > 0 ? closure(graph, select(graph, names), 'needs and after') : graph.nodes
  const modules = new Set(loaded.modules.map((url) => fileURLToPath(url)))
  const atLoad = { modules, callsThatSee: (path: TreePath) => loaded.observed.callsThatSee(path) }
  const edits: EditOf[] = []
  for (const path of paths) edits.push(await foreseeEdit(project, path, { nodes, atLoad, signal }))
  return edits
}

function inTree(root: string, from: string, file: string): TreePath {
  const path = treePath(root, resolve(from, file))
  if (!path.startsWith('/')) return path
  throw new LakituError({
    code: 'E_FILE',
    headline: `${file} lies outside the project`,
    facts: { project: root, file: path },
    next: 'Name a file below the project; it may be one that is not there yet.',
    family: 'usage',
  })
}

function isFolder(path: TreePath): LakituError {
  return new LakituError({
    code: 'E_FILE',
    headline: `${path} is a folder`,
    next: 'Name a file in it; it may be one that is not there yet.',
    family: 'usage',
  })
}

export function editText(edit: EditOf): string {
  const { file, readers, behind, maker, config } = edit
  const name = visible(file)
  const notes = [
    ...(maker ? [`${maker.name} makes it, and its next run makes it again`] : []),
    ...(config ? ['the config reads it and is loaded anew; its values count where tasks take them'] : []),
  ]
  if (readers.length === 0 && notes.length === 0) return `${name}: no task reads it\n`
  const after = behind.length > 0 ? [`may run after that: ${listing(behind.map((node) => node.name))}`] : []
  return [`${name}:`, ...[...notes, ...readers.flatMap(readerLines), ...after].map((line) => `  ${line}`), ''].join(
    '\n',
  )
}

function readerLines({ node, how, explains }: Reader): readonly string[] {
  return [`${node.name} (${listing(how.map(visible))})`, ...explains.map((line) => `  ${line}`)]
}

export function editJson({ file, readers, behind, maker, config }: EditOf): object {
  return {
    file,
    readers: readers.map(({ node, how, explains }) => ({ task: node.name, how, explains })),
    behind: behind.map((node) => node.name),
    config,
    ...(maker ? { maker: maker.name } : {}),
  }
}
