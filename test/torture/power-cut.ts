import type { Random } from '../support/random.ts'
import { type Content, sync } from './content.ts'
import type { Inode, SimDisk } from './sim-disk.ts'

/** Any part of what was not synced is gone: names one by one, contents whole, cut off, or with zeros in them. */
export function powerCut({ root }: SimDisk, random: Random): void {
  // Much of it has often been written long ago.
  lose(root, random, random.pick([0.1, 0.5, 0.9]))
}

function lose(folder: Inode, random: Random, rate: number): void {
  const names = new Set([...folder.entries.keys(), ...folder.syncedEntries.keys()])
  for (const name of names) {
    const [now, then] = [folder.entries.get(name), folder.syncedEntries.get(name)]
    if (now !== then && random.chance(rate)) {
      if (then) folder.entries.set(name, then)
      else folder.entries.delete(name)
    }
    const left = folder.entries.get(name)
    if (left?.kind === 'folder') lose(left, random, rate)
    else if (left?.kind === 'file') loseContent(left, random, rate)
  }
  folder.syncedEntries = new Map(folder.entries)
}

function loseContent(inode: Content, random: Random, rate: number): void {
  if (inode.content === inode.synced) return
  const { content, safe } = inode
  const somewhere = () => safe + random.int(content.length - safe + 1)
  const choice = random.chance(rate) ? random.int(3) : undefined
  if (choice === 0) inode.content = inode.synced ?? Buffer.alloc(0)
  else if (choice === 1) inode.content = Buffer.from(content.subarray(0, somewhere()))
  else if (choice === 2) {
    // The size is there, a part of the content is not.
    const holed = Buffer.from(content)
    const from = somewhere()
    holed.fill(0, from, Math.min(content.length, from + 1 + random.int(64)))
    inode.content = holed
  }
  sync(inode)
}
