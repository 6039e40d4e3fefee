import { basename, dirname } from 'node:path'
import { LakituError } from '../model/error.ts'
import type { Disk } from '../ports/disk.ts'

/** What stands in a name for bytes that are no UTF-8. */
const replacement = '\ufffd'

/**
 * Of a path at which nothing is found: that it is listed all the same means that its name is no UTF-8. It could be neither
 * read nor watched, so its edits would be missed. Error: E_NAME_NOT_UTF8.
 */
export function refuseUnreadableName(disk: Pick<Disk, 'list'>, path: string): void {
  const name = basename(path)
  if (!name.includes(replacement)) return
  if (!disk.list(dirname(path))?.some((entry) => entry.name === name)) return
  throw new LakituError({
    code: 'E_NAME_NOT_UTF8',
    headline: `The name of ${path} is no UTF-8 (\ufffd stands for what is not), so it cannot be read`,
    next: `Rename it, for example with convmv, or take it away:  ls -b ${JSON.stringify(dirname(path))}`,
    family: 'world',
  })
}
