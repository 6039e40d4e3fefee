import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { HeldLock, LockOwner, Locks } from '../ports/locks.ts'
import type { Sha256 } from '../util/digest.ts'

/**
 * What running lakitus use, so that nobody evicts it: a folder for each, with an empty file for each thing. The kernel holds its lock, so what
 * a dead one used is free at once.
 */
export class Uses {
  private readonly disk: Disk
  private readonly locks: Locks
  private readonly folder: string
  private own: { readonly folder: string; readonly held: HeldLock } | undefined
  private readonly marked = new Set<string>()

  constructor(disk: Disk, locks: Locks, folder: string) {
    this.disk = disk
    this.locks = locks
    this.folder = folder
  }

  /** From here on until `close`. In a cache that may only be read nobody evicts anything, so that it goes without. */
  mark(key: Sha256, owner: LockOwner): void {
    if (this.marked.has(key)) return
    this.marked.add(key)
    try {
      this.own ??= this.begin(owner)
      if (this.own) this.disk.touch(join(this.own.folder, key))
    } catch {
      // A full disk, or one that refuses: at worst the thing is fetched again.
    }
  }

  /** What this process and all others that run use; what dead ones left behind goes. */
  inUse(owner: LockOwner): ReadonlySet<string> {
    const used = new Set(this.marked)
    for (const { name, kind } of this.disk.list(this.folder) ?? []) {
      const folder = join(this.folder, name)
      if (kind !== 'folder' || folder === this.own?.folder) continue
      const held = this.locks.take(folder, owner)
      if (held) {
        // Before the lock is given back: one that is just beginning finds its folder gone, and begins anew.
        this.disk.remove(folder)
        held.release()
      } else {
        for (const mark of this.disk.list(folder) ?? []) used.add(mark.name)
      }
    }
    return used
  }

  close(): void {
    this.marked.clear()
    if (!this.own) return
    const { folder, held } = this.own
    this.own = undefined
    try {
      this.disk.remove(folder)
    } finally {
      held.release()
    }
  }

  /** Somebody who evicts may take a folder away before its lock is had: then with another name. */
  private begin(owner: LockOwner): { readonly folder: string; readonly held: HeldLock } | undefined {
    for (let attempt = 1; ; attempt += 1) {
      const folder = join(this.folder, randomUUID())
      try {
        const held = this.locks.take(folder, owner)
        if (held) return { folder, held }
      } catch (error) {
        if (attempt === 3) throw error
      }
      if (attempt === 3) return undefined
    }
  }
}
