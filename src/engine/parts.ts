import type { Part } from '../fingerprint/world.ts'
import type { Node, NodeOutput } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import type { PathFact } from '../model/facts.ts'
import { byCodeUnit } from '../util/canonical.ts'
import { isWithin, type TreePath } from '../util/paths.ts'
import { pathMatcher } from '../util/patterns.ts'
import type { Settlement, Settlements } from './settled.ts'

/** The outputs of a need that one of the patterns means; without patterns all. Error: E_EMPTY_PART. */
export function partOf(node: Node, need: Node, patterns: readonly string[], settled: Settlements): Part {
  const settlement = settled.get(need)
  if (!settlement?.outputs) return notMade(settlement)
  const all = Object.entries(settlement.outputs) as [TreePath, PathFact][]
  const files = all.filter(([, fact]) => !fact.startsWith('folder'))
  if (patterns.length === 0) return { facts: settlement.outputs, paths: files.map(([path]) => path) }
  const matches = matcherFor(need, patterns)
  const found = files.filter(([path]) => matches(path))
  if (found.length === 0)
    throw emptyPart(
      node,
      need,
      patterns,
      files.map(([path]) => path),
    )
  return { facts: Object.fromEntries(found), paths: found.map(([path]) => path).sort(byCodeUnit) }
}

/** It was left out, or has never run, which only a plan gets to see. */
function notMade(settlement: Settlement | undefined): Part {
  return { facts: settlement ? { 'left out': 'left out' } : {}, paths: [] }
}

/** By the path from the root, or the one in the need's folder. */
function matcherFor({ outputs }: Node, patterns: readonly string[]): (path: TreePath) => boolean {
  const wanted = patterns.filter((p) => !p.startsWith('!')).map(pathMatcher)
  const refused = patterns.filter((p) => p.startsWith('!')).map((p) => pathMatcher(p.slice(1)))
  const folders = outputs.map(folderOf)
  return (path) => {
    const within = folders.filter((folder) => isWithin(path, folder) && path !== folder)
    const names = [path, ...within.map((folder) => path.slice(folder.length + 1))]
    const isAny = (match: (name: string) => boolean) => names.some(match)
    return wanted.some(isAny) && !refused.some(isAny)
  }
}

/** The output folder; of an output that is a file, it is the path itself and nothing lies within. */
function folderOf(output: NodeOutput): TreePath {
  if (output.kind === 'path') return output.path
  if (output.kind === 'witness') return output.folder
  return output.of.outputs.find((o) => o.kind === 'witness')?.folder ?? ('' as TreePath)
}

function emptyPart(
  { name, definition }: Node,
  need: Node,
  patterns: readonly string[],
  made: readonly TreePath[],
): LakituError {
  const some = made.slice(0, 5).join(', ')
  return new LakituError({
    code: 'E_EMPTY_PART',
    headline: `${name} takes ${patterns.join(', ')} of what ${need.name} makes, and nothing there matches`,
    facts: {
      [`${need.name} made`]: made.length > 5 ? `${some}, … (${made.length} files)` : some,
      declared: definition.site,
    },
    next: `Mend the pattern: it matches paths from the root, or paths in the output folder of ${need.name}.`,
    family: 'usage',
  })
}
