import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { Disk } from '../ports/disk.ts'

/** How the names end under which files are written before they are what they are to be. */
export const besideEnding = '.new'

export interface Replacing {
  /** On the disk itself before it returns. Default false. */
  readonly durable?: boolean
  /** Permission bits; default as the system makes files. */
  readonly mode?: number
}

/** Written beside and renamed: readers see the old content or the new. */
export function replaceFile(disk: Disk, path: string, content: Uint8Array | string, how: Replacing = {}): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  for (let attempt = 1; ; attempt += 1) {
    try {
      replaceOnce(disk, path, bytes, how)
      break
    } catch (error) {
      // Somebody took the folder away meanwhile: `rm -r .cache` is nobody's fault.
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isGone || attempt === 3) throw error
    }
  }
  if (how.durable) disk.syncFolder(dirname(path))
}

function replaceOnce(disk: Disk, path: string, bytes: Uint8Array, { durable, mode }: Replacing): void {
  disk.makeFolder(dirname(path))
  const beside = `${path}.${randomUUID().slice(0, 8)}${besideEnding}`
  try {
    const file = disk.open(beside, 'empty')
    try {
      for (let done = 0; done < bytes.length; ) done += file.write(bytes.subarray(done), done)
      if (durable) file.sync()
    } finally {
      file.close()
    }
    if (mode !== undefined) disk.setMode(beside, mode)
    disk.rename(beside, path)
  } catch (error) {
    disk.remove(beside)
    throw error
  }
}
