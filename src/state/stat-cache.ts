import { absent, type PathFact } from '../model/facts.ts'
import type { Disk, Identity } from '../ports/disk.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'

interface Known {
  readonly identity: Identity
  readonly fact: PathFact
}

/** Times within this of the stamp may belong to a write that is still to come. In ms. */
const grain = 20
const coarseGrain = 2000

/**
 * What paths hold, remembered by their identity: the whole of it is trusted or nothing. An identity is taken before the
 * content is read. A path that was written about when it was hashed (*racy*) is read again next time; the system's
 * clock has no say in that, only a stamp file on the same file system.
 */
export class StatCache {
  private readonly known: Map<string, Known>
  private readonly disk: Disk
  private readonly root: string
  private stamp: number | undefined
  private readonly stampPath: string
  dirty = false

  constructor(disk: Disk, root: string, stampPath: string, saved: string | undefined) {
    this.disk = disk
    this.root = root
    this.stampPath = stampPath
    this.known = new Map(saved === undefined ? [] : parse(saved))
  }

  /** Before each round of looking: what is written from here on counts as racy. */
  newStamp(): void {
    this.stamp = undefined
  }

  fact(path: TreePath): PathFact {
    const place = onDisk(this.root, path)
    const identity = this.disk.identity(place)
    if (!identity) return absent
    const known = this.known.get(path)
    if (known && sameIdentity(known.identity, identity)) return known.fact
    if (identity.kind !== 'file') return this.read(place, identity)
    // Before the content is read: a write behind the reader's back is then never older than the stamp.
    const stamp = this.stampNow()
    const fact = this.read(place, identity)
    if (isRacy(identity, stamp)) this.known.delete(path)
    else this.known.set(path, { identity, fact })
    this.dirty = true
    return fact
  }

  /** To keep until next time. */
  serialize(): string {
    return JSON.stringify([...this.known].map(([path, { identity: i, fact }]) => [path, fields(i), fact]))
  }

  private read(place: string, identity: Identity): PathFact {
    const mode = identity.mode.toString(8)
    switch (identity.kind) {
      case 'file':
        return `file ${mode} ${this.disk.hash(place)}`
      case 'folder':
        return `folder ${mode}`
      case 'link':
        return this.readLink(place)
      case 'other':
        return 'other'
    }
  }

  private readLink(place: string): PathFact {
    const target = this.disk.realPath(place)
    const text = this.disk.readLink(place)
    if (target === undefined) return `link ${text} → nothing`
    const holds = this.disk.identity(target)?.kind === 'file' ? ` ${this.disk.hash(target)}` : ''
    return `link ${text} → ${treePath(this.root, target)}${holds}`
  }

  /** The file system's time at a moment after the last `newStamp` and not after this call. */
  stampNow(): number {
    this.stamp ??= this.touch()
    return this.stamp
  }

  /** Where no stamp can be written (a read-only tree, a full disk) every file counts as racy. */
  private touch(): number {
    try {
      return this.disk.touch(this.stampPath)
    } catch {
      return Number.NEGATIVE_INFINITY
    }
  }
}

/** Whether what has these times may have been written at the time of the stamp, or since. */
export function isRacy({ mtime, ctime }: Pick<Identity, 'mtime' | 'ctime'>, stamp: number): boolean {
  const whole = Number.isInteger(mtime / 1000) && Number.isInteger(ctime / 1000)
  return Math.max(mtime, ctime) > stamp - (whole ? coarseGrain : grain)
}

export function sameIdentity(a: Identity | undefined, b: Identity | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.size === b.size &&
    a.mtime === b.mtime &&
    a.ctime === b.ctime &&
    a.inode === b.inode
  )
}

function fields(i: Identity): readonly (string | number)[] {
  return [i.kind, i.mode, i.size, i.mtime, i.ctime, i.inode]
}

/** A file that does not read well is as good as none: everything is then hashed once. */
function parse(saved: string): readonly (readonly [string, Known])[] {
  try {
    const rows = JSON.parse(saved) as [string, [Identity['kind'], number, number, number, number, number], string][]
    return rows.map(([path, [kind, mode, size, mtime, ctime, inode], fact]) => {
      return [path, { identity: { kind, mode, size, mtime, ctime, inode }, fact }]
    })
  } catch {
    return []
  }
}
