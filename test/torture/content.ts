/** Of a file: what readers see, and what of it would survive a power cut. */
export interface Content {
  content: Buffer
  synced: Buffer | undefined
  /** So many bytes at its beginning were synced, and not written since. */
  safe: number
}

/** What it holds now would survive a power cut. */
export function sync(inode: Content): void {
  inode.synced = inode.content
  inode.safe = inode.content.length
}
