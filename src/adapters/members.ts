import { posix } from 'node:path'
import { LakituError } from '../model/error.ts'

/** One thing that an archive holds, whatever the kind of the archive. */
export interface Member {
  /** As `memberName` made it: relative, with forward slashes, without `.` and `..`. */
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'hard-link'
  /** Permission bits; undefined where the archive knows none. */
  readonly mode: number | undefined
  /** Of links, as the archive says it. */
  readonly target: string
  /** Of files, once, before the next member is asked for. */
  content(): AsyncIterable<Uint8Array>
}

/** Hands over every member in the archive's order, and reads the archive to its end. */
export type EachMember = (
  archive: string,
  take: (member: Member) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>

/** The name under which a member may be written; refuses those that could lie outside of the folder. */
export function memberName(archive: string, raw: string): string {
  const parts = raw.split('/')
  if (raw.startsWith('/') || /^[a-z]:/i.test(raw)) throw unsafe(archive, raw, 'its name is absolute')
  if (parts.includes('..')) throw unsafe(archive, raw, 'its name leaves the folder')
  if (raw.includes('\\') || raw.includes('\0'))
    throw unsafe(archive, raw, 'its name holds a character that is none of a path')
  const name = posix.normalize(raw)
  return name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name
}

export function unsafe(archive: string, member: string, why: string): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE_UNSAFE',
    headline: `An archive holds a member that must not be unpacked: ${why}`,
    facts: { archive, member },
    next: 'Do not use this archive; nothing of it was unpacked. Ask whoever made it.',
  })
}

export function damaged(archive: string, reason: string, cause?: unknown): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE',
    headline: 'An archive cannot be read: it is damaged, cut short, or of another kind',
    facts: { archive, reason },
    next: 'Fetch the file again; .zip, .tar, .tar.gz and .tgz can be read.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Whether the disk refused something, and not the archive. */
export function isDiskFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
