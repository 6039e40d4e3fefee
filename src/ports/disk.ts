import type { Sha256 } from '../util/digest.ts'

export type PathKind = 'file' | 'folder' | 'link' | 'other'

/** What tells one state of a path from another without reading it; of a link, the link's own. */
export interface Identity {
  readonly kind: PathKind
  /** Permission bits. */
  readonly mode: number
  readonly size: number
  /** In ms, with fractions. */
  readonly mtime: number
  readonly ctime: number
  readonly inode: number
}

export interface DiskEntry {
  readonly name: string
  readonly kind: PathKind
}

/** A file that is open for writing. */
export interface OpenFile {
  /** One call of the system: may write less than it was given, and answers how much. */
  write(bytes: Uint8Array, position: number): number
  truncate(length: number): void
  /** What was written is on the disk itself when this returns. */
  sync(): void
  close(): void
}

/** The file system. Paths are absolute. Errors are Node's, with their `code`; E_NOT_A_FILE where a pipe, a socket or a device is to be read. */
export interface Disk {
  /** Undefined where nothing is. */
  identity(path: string): Identity | undefined
  /** Undefined where it is no folder, or nothing. Unsorted. */
  list(path: string): readonly DiskEntry[] | undefined
  /** SHA-256 of a file's content. */
  hash(path: string): Sha256
  /** Undefined where nothing is. */
  read(path: string): Buffer | undefined
  readLink(path: string): string
  /** Links resolved; undefined where something on the way is missing. */
  realPath(path: string): string | undefined
  /** Whether it is a file, maybe behind links, that this user may execute. */
  mayExecute(path: string): boolean
  /** With all above it; `mode` (default 0o777 less the umask) for those that are made. */
  makeFolder(path: string, mode?: number): void
  makeLink(path: string, text: string): void
  /** Of a file or a folder. */
  setMode(path: string, mode: number): void
  /** A file, a link or a folder with all in it; nothing happens where nothing is. */
  remove(path: string): void
  /** In one step: whoever looks sees the old or the new. */
  rename(from: string, to: string): void
  /** The file's content to a new file, with this mode; a clone where the file system can. Answers the SHA-256 of what was copied. */
  copy(from: string, to: string, mode: number): Sha256
  /** As `copy`, of a content that is known already: without the look at what was copied. */
  duplicate(from: string, to: string, mode: number): void
  /** Makes the file where there is none; `empty`: without what it held. The folder above must be there. */
  open(path: string, how: 'keep' | 'empty'): OpenFile
  /** The names in a folder are on the disk itself when this returns. */
  syncFolder(path: string): void
  /** Gives the file at `path`, which is made where there is none, the file system's time of now and answers it, in ms with fractions. */
  touch(path: string): number
}
