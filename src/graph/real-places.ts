import { posix } from 'node:path'
import { LakituError } from '../model/error.ts'
import { foldedPath, type TreePath } from '../util/paths.ts'
import type { Node } from './graph.ts'

/** An output as it was written and where it comes to be, behind the links on the way. */
interface Place {
  readonly node: Node
  readonly written: TreePath
  readonly real: string
}

/** Where a folder is, behind links; what is not there yet, as it would be made. */
export type RealFolder = (folder: TreePath) => TreePath

/** The owned paths of all nodes, which do not clash as they were written. */
export interface Claimed {
  readonly node: Node
  readonly path: TreePath
}

/** Checks that links do not lead two outputs to one place, or one into the other. Error: E_DOUBLE_OUTPUT. */
export function checkRealPlaces(
  claimed: readonly Claimed[],
  realFolder: RealFolder,
  mayAdd: (node: Node, to: Node) => boolean,
): void {
  const places = claimed.map(({ node, path }): Place => ({ node, written: path, real: realPlace(path, realFolder) }))
  if (places.every(({ written, real }) => written === real)) return
  const byReal = new Map<string, Place>()
  for (const place of places) {
    const other = byReal.get(foldedPath(place.real))
    if (other) throw oneDisk(other, place)
    byReal.set(foldedPath(place.real), place)
  }
  for (const place of places) {
    for (let folder = posix.dirname(place.real); folder.length > 1; folder = posix.dirname(folder)) {
      const other = byReal.get(foldedPath(folder))
      if (other && !mayAdd(place.node, other.node)) throw oneDisk(other, place)
    }
  }
}

/** The last name stays as it is: an output may be a link itself. */
function realPlace(path: TreePath, realFolder: RealFolder): string {
  const folder = posix.dirname(path) as TreePath
  return folder === '.' ? path : posix.join(realFolder(folder), posix.basename(path))
}

function oneDisk(first: Place, second: Place): LakituError {
  const isOne = foldedPath(first.real) === foldedPath(second.real)
  const what = isOne ? 'lead to one place' : 'lead to places one inside the other'
  return new LakituError({
    code: 'E_DOUBLE_OUTPUT',
    headline: `${first.written} of task ${first.node.name} and ${second.written} of task ${second.node.name} ${what}`,
    facts: {
      [`${first.written} is`]: first.real,
      [`${second.written} is`]: second.real,
      [first.node.name]: first.node.definition.site,
      [second.node.name]: second.node.definition.site,
    },
    next: 'Let each path be made by one task alone: write another path, or take the link away.',
    family: 'usage',
  })
}
