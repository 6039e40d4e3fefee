import type { Random } from '../support/random.ts'

/** Of a file: what readers see, and what of it would survive a power cut. */
export interface Content {
  content: Buffer
  synced: Buffer | undefined
  /** So many bytes at its beginning were synced, and not written since. */
  safe: number
}

/** What a power cut leaves: what was synced, a part of what was written since, or holes in that. */
export function loseContent(inode: Content, random: Random): void {
  if (inode.content === inode.synced) return
  const { content, safe } = inode
  const somewhere = () => safe + random.int(content.length - safe + 1)
  const choice = random.int(4)
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

/** What it holds now would survive a power cut. */
export function sync(inode: Content): void {
  inode.synced = inode.content
  inode.safe = inode.content.length
}
