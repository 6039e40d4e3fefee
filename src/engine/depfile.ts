import type { Node } from '../graph/graph.ts'
import { LakituError, reportOf } from '../model/error.ts'
import { MakeSyntaxError, parseMakeRules } from '../util/make-rules.ts'
import { onDisk, type TreePath } from '../util/paths.ts'
import type { Project } from './project.ts'

/** Before a run: what an earlier one wrote must not be taken for this one's. A folder is nobody's depfile, and stays. */
export function removeDepfile({ graph, ports }: Project, { depfile }: Node): void {
  if (depfile === undefined) return
  const place = onDisk(graph.root, depfile)
  if (ports.disk.identity(place)?.kind !== 'folder') ports.disk.remove(place)
  if (depfile.includes('/')) ports.disk.makeFolder(onDisk(graph.root, parentOf(depfile)))
}

function parentOf(path: TreePath): TreePath {
  return path.slice(0, path.lastIndexOf('/')) as TreePath
}

/** What a run read according to its depfile, as written there. Errors: E_DEPFILE_MISSING, E_DEPFILE. */
export function readDepfile({ graph, ports }: Project, node: Node): readonly string[] {
  const { depfile } = node
  if (depfile === undefined) return []
  const place = onDisk(graph.root, depfile)
  if (!ports.disk.identity(place)) throw missing(node, depfile)
  try {
    const rules = parseMakeRules(ports.disk.read(place)?.toString() ?? '')
    if (rules.length === 0) throw new MakeSyntaxError(1, 'no rule at all')
    return [...new Set(rules.flatMap(({ prerequisites }) => prerequisites))]
  } catch (error) {
    throw unreadable(node, depfile, error)
  }
}

function missing(node: Node, depfile: TreePath): LakituError {
  return new LakituError({
    code: 'E_DEPFILE_MISSING',
    headline: `Task ${node.name} ended well but did not write its depfile ${depfile}`,
    facts: { declared: node.definition.site },
    next: 'Have the program write it (of a C compiler: -MMD -MF and depfile()), or declare none.',
  })
}

function unreadable(node: Node, depfile: TreePath, error: unknown): LakituError {
  const isSyntax = error instanceof MakeSyntaxError
  return new LakituError({
    code: 'E_DEPFILE',
    headline: isSyntax
      ? `The depfile of ${node.name} cannot be understood: ${error.message}`
      : `The depfile of ${node.name} cannot be read`,
    facts: {
      depfile: isSyntax ? `${depfile}:${error.line}` : depfile,
      system: isSyntax ? undefined : reportOf(error).headline,
      declared: node.definition.site,
    },
    next: 'It must hold rules in the syntax of Make: targets, a colon, and the files that were read.',
    cause: error,
  })
}
