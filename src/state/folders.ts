import { dirname } from 'node:path'
import { inTheWay } from '../model/error.ts'
import type { Disk } from '../ports/disk.ts'

/** With all above it; `mode` for those that are made. Error: E_IN_THE_WAY. */
export function makeFolder(disk: Disk, path: string, mode?: number): void {
  try {
    disk.makeFolder(path, mode)
  } catch (error) {
    const isBlocked = error instanceof Error && 'code' in error && ['EEXIST', 'ENOTDIR'].includes(String(error.code))
    throw isBlocked ? inTheWay(firstThere(disk, path)) : error
  }
}

/** Of the path and the folders above it, the first that is there. */
function firstThere(disk: Disk, path: string): string {
  const above = dirname(path)
  return disk.identity(path) || above === path ? path : firstThere(disk, above)
}
