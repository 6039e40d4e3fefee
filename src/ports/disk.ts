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

/** The file system. Paths are absolute. Errors are Node's, with their `code`. */
export interface Disk {
  /** Undefined where nothing is. */
  identity(path: string): Identity | undefined
  /** Undefined where it is no folder, or nothing. Unsorted. */
  list(path: string): readonly DiskEntry[] | undefined
  /** SHA-256 of a file's content. */
  hash(path: string): Sha256
  readText(path: string): string
  readLink(path: string): string
  /** Links resolved; undefined where something on the way is missing. */
  realPath(path: string): string | undefined
  makeFolder(path: string): void
  /** A file, a link or a folder with all in it; nothing happens where nothing is. */
  remove(path: string): void
  /** Written beside and renamed: readers see the old content or the new. */
  replaceText(path: string, text: string): void
  /** Gives the file at `path` the file system's time of now and answers it, in ms with fractions. */
  touch(path: string): number
}
