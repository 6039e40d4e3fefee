import { LakituError } from '../model/error.ts'
import { foldedPath, isWithin, type TreePath } from '../util/paths.ts'
import { type Node, ownedPaths } from './graph.ts'
import { type Claimed, checkRealPlaces, type RealFolder } from './real-places.ts'

/** Finds whose output a path is, or lies in. */
export interface Makers {
  makerOf(path: TreePath): Node | undefined
}

/** Paths that no task may make: they are the project's, or lakitu's own. */
const forbidden = ['.git', '.lakitu', '.cache/lakitu', 'node_modules/.bin']
/** But for what lakitu itself gives to tasks. */
const given = '.cache/lakitu/depfiles'

/** What is known of the disk when the config loads. */
export interface OnDisk {
  readonly realFolder: RealFolder
  /** Whether two paths that differ only in case or in Unicode's forms are one place. */
  isOnePlace(path: TreePath, other: TreePath): boolean
}

interface Owner {
  readonly node: Node
  /** As it was written. */
  readonly path: TreePath
}

/** Checks that every output belongs to one task alone, also behind links. Errors: E_OUTPUT_PLACE, E_DOUBLE_OUTPUT. */
export function claimOutputs(nodes: readonly Node[], configPath: TreePath, disk: OnDisk): Makers {
  const owners = new Map<string, Owner>()
  const claimed: Claimed[] = []
  for (const node of nodes) {
    for (const path of [...ownedPaths(node), ...addedPaths(node)]) {
      checkPlace(node, path, configPath)
      const other = owners.get(foldedPath(path))
      if (other) throw clash(other.node, node, path)
      owners.set(foldedPath(path), { node, path })
      claimed.push({ node, path })
    }
  }
  for (const [path, { node }] of owners) {
    for (const folder of foldersAbove(path)) {
      const other = owners.get(folder)?.node
      if (other && !mayAdd(node, other)) throw clash(other, node, path)
    }
  }
  checkRealPlaces(claimed, disk.realFolder, mayAdd)
  return { makerOf: (path) => nearestOwner(owners, path, disk) }
}

/** Files that the node makes inside another one's witness folder. */
function addedPaths(node: Node): readonly TreePath[] {
  return node.outputs.flatMap((o) => (o.kind === 'updates' ? o.files : []))
}

function mayAdd(node: Node, to: Node): boolean {
  return node.outputs.some((o) => o.kind === 'updates' && o.of === to)
}

/** Outputs that differ only in case may not be there together, but `README.md` that is another file than the output `readme.md` is an input. */
function nearestOwner(owners: ReadonlyMap<string, Owner>, path: TreePath, disk: OnDisk): Node | undefined {
  const folded = foldedPath(path)
  for (const written of [path, ...foldersAbove(path)] as TreePath[]) {
    const end = written.length
    const isAligned = folded.length === path.length && (end === folded.length || folded[end] === '/')
    const owner = owners.get(isAligned ? folded.slice(0, end) : foldedPath(written))
    if (owner && (owner.path === written || disk.isOnePlace(owner.path, written))) return owner.node
  }
  return undefined
}

function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at)
}

function checkPlace(node: Node, path: TreePath, configPath: TreePath): void {
  const outside = path === '.' || path.startsWith('/') || /^[A-Za-z]:/.test(path)
  const isGiven = path === node.depfile && isWithin(path, given) && path !== given
  const lakitus =
    (!isGiven && forbidden.some((place) => isWithin(path, place) || isWithin(place, path))) || path === configPath
  // `.cache` is where outputs belong, but as a whole it is everybody's.
  if (!outside && !lakitus && path !== '.cache') return
  throw new LakituError({
    code: 'E_OUTPUT_PLACE',
    headline: outside
      ? `Task ${node.name} makes ${path}, which is not inside the project`
      : `Task ${node.name} makes ${path}, which is not a task's to make`,
    facts: { declared: node.definition.site },
    next: 'Choose a path below the project root, for example below .cache/ or build/.',
    family: 'usage',
  })
}

function clash(first: Node, second: Node, path: string): LakituError {
  const headline =
    first === second
      ? `Task ${first.name} declares the output ${path} twice, or one inside the other`
      : `Tasks ${first.name} and ${second.name} both make ${path}, or one makes a file inside the other's folder`
  return new LakituError({
    code: 'E_DOUBLE_OUTPUT',
    headline,
    facts: {
      [first.name]: first.definition.site,
      ...(first === second ? {} : { [second.name]: second.definition.site }),
    },
    next: 'Let each path be made by one task alone.',
    family: 'usage',
  })
}
