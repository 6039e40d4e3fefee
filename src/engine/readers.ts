import { meansFile } from '../fingerprint/globs.ts'
import type { Node } from '../graph/graph.ts'
import { programPath } from '../graph/program.ts'
import type { Facts } from '../model/facts.ts'
import { patternsOf } from '../model/input.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { discoveredBy } from './discovered.ts'
import { explain, settledBefore } from './explain.ts'
import { learnSecrets } from './masking.ts'
import type { Project } from './project.ts'

/** What the config itself read while it loaded, which its code knows nothing of. */
export interface ReadAtLoad {
  /** Absolute paths of the config's local modules. */
  readonly modules: ReadonlySet<string>
  callsThatSee(path: TreePath): readonly string[]
}

/** A task that an edit of the file concerns. */
export interface Reader {
  readonly node: Node
  /** As what it reads it: `input roles`, `discovered input`, `code`, `secret token`, `program`. */
  readonly how: readonly string[]
  /** What of it the edit would run, in its own words. */
  readonly explains: readonly string[]
}

export interface EditOf {
  readonly file: TreePath
  readonly readers: readonly Reader[]
  /** What needs these, and theirs: each may run if what comes before it comes to another result. */
  readonly behind: readonly Node[]
  /** Its next run makes the file again. */
  readonly maker: Node | undefined
  /** Whether the config is loaded anew: what values it says then counts where tasks take them. */
  readonly config: boolean
}

/** What an edit of the file would concern among the nodes. Changes nothing. */
export async function foreseeEdit(
  project: Project,
  file: TreePath,
  { nodes, atLoad, signal }: { nodes: readonly Node[]; atLoad: ReadAtLoad; signal: AbortSignal },
): Promise<EditOf> {
  const { graph } = project
  learnSecrets(project)
  const calls = atLoad.callsThatSee(file)
  const settled = settledBefore(project)
  const readers: Reader[] = []
  for (const node of nodes) {
    const how = [
      ...declared(project, node, file),
      ...code(project, node, file, calls),
      ...byItself(project, node, file),
    ]
    if (how.length > 0) readers.push({ node, how, explains: await explain(project, node, { settled, file, signal }) })
  }
  const maker = graph.makerOf(file)
  const config = atLoad.modules.has(onDisk(graph.root, file)) || calls.length > 0
  return { file, readers, behind: behind(nodes, readers, maker), maker, config }
}

function behind(nodes: readonly Node[], readers: readonly Reader[], maker: Node | undefined): readonly Node[] {
  const first = new Set([...readers.map(({ node }) => node), ...(maker ? [maker] : [])])
  const reached = new Set(first)
  // Needs come before dependents.
  for (const node of nodes) if (node.requires.some((need) => reached.has(need))) reached.add(node)
  return [...reached].filter((node) => !first.has(node))
}

function declared({ graph }: Project, node: Node, file: TreePath): readonly string[] {
  const { root } = graph
  const isForeignOutput = (path: TreePath) => {
    const maker = graph.makerOf(path)
    return maker !== undefined && !node.requires.includes(maker)
  }
  const inputs = node.inputs.flatMap(({ name, input }) => {
    if (meansFile({ root, isForeignOutput }, patternsOf(input), file)) return [`input ${name}`]
    const isSecret = input.kind === 'secret' && 'file' in input.from && treePath(root, input.from.file) === file
    return isSecret ? [`secret ${name}`] : []
  })
  return programPath(root, node) === file && inputs.length === 0 ? ['program'] : inputs
}

/** What its last run found, and what it read through a link. */
function byItself(project: Project, node: Node, file: TreePath): readonly string[] {
  const { graph, state, ports } = project
  const { success } = state.history(node.name, node.definition.kind)
  const real = ports.disk.realPath(onDisk(graph.root, file))
  const leadsHere = (path: string) => {
    return (
      real !== undefined &&
      path !== file &&
      ports.disk.realPath(onDisk(graph.root, treePath(graph.root, path))) === real
    )
  }
  const inputs = Object.entries(success?.facts['inputs'] ?? {}).flatMap(([name, fact]) => {
    const link = typeof fact === 'object' && fact !== null ? Object.keys(fact as Facts).find(leadsHere) : undefined
    return link === undefined ? [] : [`input ${name}, through ${link}`]
  })
  const isDiscovered = discoveredBy(success).some(([path]) => path === file || leadsHere(path))
  return [...inputs, ...(isDiscovered ? ['discovered input'] : [])]
}

function code(project: Project, { definition }: Node, file: TreePath, calls: readonly string[]): readonly string[] {
  if (definition.action.kind !== 'run' && !definition.service) return []
  const facts = project.code.facts(definition.modules)
  const own = Object.hasOwn(facts, file) ? ['code'] : []
  return [...own, ...calls.filter((call) => Object.hasOwn(facts, call))]
}
