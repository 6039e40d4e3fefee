import { dirname } from 'node:path'
import type { Disk, Identity } from '../ports/disk.ts'
import { isRacy } from '../state/stat-cache.ts'
import { isWithin } from '../util/paths.ts'
import { above } from './opened.ts'

/** Proves by times that paths nobody looked at before are what they were at a moment, given by the stamp that was touched then. */
export class Quiet {
  private readonly ways = new Map<string, boolean>()
  private readonly disk: Disk
  private readonly root: string
  private readonly since: number

  constructor(disk: Disk, root: string, since: number) {
    this.disk = disk
    this.root = root
    this.since = since
  }

  /** False where it was written, moved, or is not there: then it may have been there and gone meanwhile. */
  holds(place: string): boolean {
    const identity = this.disk.identity(place)
    if (!identity || isRacy(identity, this.since) || !this.wayHolds(dirname(place))) return false
    if (identity.kind !== 'link') return true
    const real = this.disk.realPath(place)
    return real !== undefined && this.holds(real)
  }

  /** That no folder or link on the way was exchanged for another one, whose files may have old times. */
  private wayHolds(folder: string): boolean {
    const known = this.ways.get(folder)
    if (known !== undefined) return known
    // The project's own root, and what is above it, stays where it is.
    const way = above(folder).filter((part) => part !== '/' && !isWithin(this.root, part))
    const held = way.every((part) => {
      const identity = this.disk.identity(part)
      return identity !== undefined && !this.cameHere(identity)
    })
    this.ways.set(folder, held)
    return held
  }

  /** What is made or removed in a folder changes both of its times; what moves the folder itself, only the second. */
  private cameHere({ kind, mtime, ctime }: Identity): boolean {
    const late = (time: number) => isRacy({ mtime: time, ctime: time }, this.since)
    return kind === 'link' ? late(ctime) : late(ctime) && !late(mtime)
  }
}
