import { join } from 'node:path'
import { absent, type PathFact } from '../model/facts.ts'
import type { Disk, Identity } from '../ports/disk.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'
import { refuseUnreadableName } from './names.ts'
import { replaceFile } from './replace.ts'

interface Known {
  readonly identity: Identity
  readonly fact: PathFact
}

export interface StatPlace {
  /** Absolute: what paths are relative to. */
  readonly root: string
  /** Absolute: the folder for what is learned, on the same file system. */
  readonly cache: string
  /** Differs after every start of the machine. */
  readonly boot: string
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
  private readonly place: StatPlace
  private stamp: number | undefined
  private dirty = false

  constructor(disk: Disk, place: StatPlace) {
    this.disk = disk
    this.root = place.root
    this.place = place
    this.known = new Map(parse(() => disk.read(fileIn(place))?.toString() ?? '', headOf(place)))
  }

  /** Before each round of looking: what is written from here on counts as racy. */
  newStamp(): void {
    this.stamp = undefined
  }

  fact(path: TreePath): PathFact {
    const place = onDisk(this.root, path)
    const identity = this.disk.identity(place)
    if (!identity) {
      refuseUnreadableName(this.disk, place)
      return absent
    }
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

  /**
   * In how many ms a file that was looked at is no longer racy: before that it may be written and put back without a trace. 0 where it is not
   * racy, or where no waiting helps: a time in the future, a place where no stamp can be written.
   */
  settlesIn(path: TreePath): number {
    if (this.known.has(path)) return 0
    const identity = this.disk.identity(onDisk(this.root, path))
    if (identity?.kind !== 'file') return 0
    const most = grainOf(identity)
    const left = Math.max(identity.mtime, identity.ctime) + most - this.stampNow()
    return left > 0 && left <= most ? left : 0
  }

  /** Keeps what was learned until next time. */
  save(): void {
    if (!this.dirty) return
    const rows = [...this.known].map(([path, { identity: i, fact }]): Row => [path, fields(i), fact])
    try {
      replaceFile(this.disk, fileIn(this.place), JSON.stringify([headOf(this.place), ...rows]))
      this.dirty = false
    } catch {
      // A read-only tree or a full disk: next time the files are simply read again.
    }
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
    const identity = this.disk.identity(target)
    const holds = identity?.kind === 'file' ? ` ${identity.mode.toString(8)} ${this.disk.hash(target)}` : ''
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
      return this.disk.touch(join(this.place.cache, 'stamp'))
    } catch {
      return Number.NEGATIVE_INFINITY
    }
  }
}

/** Whether what has these times may have been written at the time of the stamp, or since. */
export function isRacy(times: Times, stamp: number): boolean {
  return Math.max(times.mtime, times.ctime) > stamp - grainOf(times)
}

type Times = Pick<Identity, 'mtime' | 'ctime'>

function grainOf({ mtime, ctime }: Times): number {
  return Number.isInteger(mtime / 1000) && Number.isInteger(ctime / 1000) ? coarseGrain : grain
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

type Row = readonly [path: string, identity: ReturnType<typeof fields>, fact: PathFact]

function fields({ kind, mode, size, mtime, ctime, inode }: Identity) {
  return [kind, mode, size, mtime, ctime, inode] as const
}

function fileIn({ cache }: StatPlace): string {
  return join(cache, 'stat')
}

/**
 * Inodes and times prove something only in the folder where they were seen, and until the machine stops: after a power cut a
 * file may have its times and its size, and not its content.
 */
function headOf({ root, boot }: StatPlace): string {
  return `1 ${boot} ${root}`
}

/** A file that does not read well is as good as none: everything is then hashed once. */
function parse(saved: () => string, head: string): readonly (readonly [string, Known])[] {
  try {
    const [found, ...rows] = JSON.parse(saved()) as [string, ...Row[]]
    if (found !== head) return []
    return rows.map(([path, [kind, mode, size, mtime, ctime, inode], fact]) => {
      return [path, { identity: { kind, mode, size, mtime, ctime, inode }, fact }]
    })
  } catch {
    return []
  }
}
