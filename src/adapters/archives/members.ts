import { posix } from 'node:path'
import { LakituError } from '../../model/error.ts'
import type { Meter } from './limits.ts'

/** One thing that an archive holds, whatever the kind of the archive. */
export interface Member {
  /** As `memberName` made it: relative, with forward slashes, without `.` and `..`. */
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'hard-link'
  /** Permission bits; undefined where the archive knows none. */
  readonly mode: number | undefined
  /** Of links, as the archive says it. */
  readonly target: string
}

/** Where the bytes of one file go. What is written must not be changed afterwards. */
export interface Content {
  write(bytes: Uint8Array): Promise<void> | undefined
  end(): Promise<void> | undefined
}

/** What is done with each member; undefined: its content is not wanted. The next one comes when the content has ended. */
export type Take = (member: Member) => Content | undefined

export interface Reading {
  readonly archive: string
  readonly take: Take
  readonly meter: Meter
  readonly signal: AbortSignal
}

/** Hands over every member in the archive's order, and reads the archive to its end. */
export type EachMember = (reading: Reading) => Promise<void>

/** As long as a path may be on Linux: what is longer could not be written, and only costs time. */
const longestName = 4096

/** The name under which a member may be written; refuses those that could lie outside of the folder. */
export function memberName(archive: string, raw: string): string {
  const refuse = (why: string) => unsafe(archive, raw.length > 200 ? `${raw.slice(0, 200)} …` : raw, why)
  if (/^[/\\]|^[a-z]:/i.test(raw)) throw refuse('its name is absolute')
  if (raw.split(/[/\\]/).includes('..')) throw refuse('its name leaves the folder')
  if (raw.includes('\0')) throw refuse('its name holds a NUL')
  if (raw.includes('\\')) throw refuse('its name holds a backslash')
  // What the decoders put where bytes are no UTF-8: two such names could become one.
  if (raw.includes('\ufffd')) throw refuse('its name is no UTF-8')
  if (Buffer.byteLength(raw) > longestName) throw refuse('its name is too long')
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
    next: 'Fetch the file again; .zip, .tar, .tar.gz, .tar.xz and .tar.zst can be read.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** What a library said about the archive, as damage; what the disk or lakitu refused stays as it is. */
export function asDamage(archive: string, error: unknown, where = ''): unknown {
  if (error instanceof LakituError || isDiskFault(error) || isAbort(error)) return error
  return damaged(archive, `${where}${error instanceof Error ? error.message : String(error)}`, error)
}

/** Whether the disk refused something, and not the archive. */
function isDiskFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
