import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { LakituError } from '../model/error.ts'
import type { Disk, DiskEntry, Identity, OpenFile, PathKind } from '../ports/disk.ts'
import { type Sha256, sha256Stream } from '../util/digest.ts'

/** Links in a circle lead to nothing, and below a file there is nothing either. */
const nowhere = ['ENOENT', 'ENOTDIR', 'ELOOP']

/** The real file system, through Node's synchronous calls: for metadata they are several times faster than promises. */
export const nodeDisk: Disk = {
  identity: (path) => {
    const stats = orUndefined(() => lstatSync(path, { throwIfNoEntry: false }), nowhere)
    return stats && identityOf(stats)
  },
  list: (path) => orUndefined(() => readdirSync(path, { withFileTypes: true }).map(entryOf), nowhere),
  hash: hashFile,
  read: (path) => orUndefined(() => withFile(path, (file) => readFileSync(file)), nowhere),
  readLink: (path) => readlinkSync(path),
  // The other one of Node's takes `..` in the text of a link before the links in front of it.
  realPath: (path) => orUndefined(() => realpathSync.native(path), nowhere),
  mayExecute,
  makeFolder: (path, mode) => void mkdirSync(path, { recursive: true, ...(mode === undefined ? {} : { mode }) }),
  makeLink: (path, text) => symlinkSync(text, path),
  setMode: (path, mode) => chmodSync(path, mode),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  rename: (from, to) => renameSync(from, to),
  copy: (from, to, mode) => {
    duplicate(from, to, mode)
    return hashFile(to)
  },
  duplicate,
  open: (path, how) => new NodeFile(openSync(path, how === 'empty' ? 'w' : constants.O_RDWR | constants.O_CREAT)),
  syncFolder: (path) => {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  },
  touch: (path) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    return lstatSync(path).mtimeMs
  },
}

function duplicate(from: string, to: string, mode: number): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  chmodSync(to, mode)
}

class NodeFile implements OpenFile {
  private readonly file: number

  constructor(file: number) {
    this.file = file
  }

  write(bytes: Uint8Array, position: number): number {
    return writeSync(this.file, bytes, 0, bytes.length, position)
  }

  truncate(length: number): void {
    ftruncateSync(this.file, length)
  }

  sync(): void {
    fsyncSync(this.file)
  }

  close(): void {
    closeSync(this.file)
  }
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

type Typed = Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>

function kindOf(typed: Typed): PathKind {
  return typed.isFile() ? 'file' : typed.isDirectory() ? 'folder' : typed.isSymbolicLink() ? 'link' : 'other'
}

function identityOf(stats: Stats): Identity {
  const { mode, size, mtimeMs: mtime, ctimeMs: ctime, ino: inode } = stats
  return { kind: kindOf(stats), mode: mode & 0o7777, size, mtime, ctime, inode }
}

function entryOf(entry: Typed & { readonly name: string }): DiskEntry {
  return { name: entry.name, kind: kindOf(entry) }
}

/** In pieces, so that a file of gigabytes takes no more memory than a small one. */
function hashFile(path: string): Sha256 {
  const digest = sha256Stream()
  const piece = Buffer.allocUnsafe(1 << 20)
  withFile(path, (file) => {
    for (let n = readSync(file, piece); n > 0; n = readSync(file, piece)) digest.update(piece.subarray(0, n))
  })
  return digest.digest()
}

/** Opens a file to read from it. A pipe would be waited for, and a device may never end: that is an error (E_NOT_A_FILE). */
function withFile<T>(path: string, read: (file: number) => T): T {
  const file = openToRead(path)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() && !stats.isDirectory()) throw notAFile(path, stats.isFIFO() ? 'pipe' : 'device')
    return read(file)
  } finally {
    closeSync(file)
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ENXIO' ? notAFile(path, 'socket') : error
  }
}

function notAFile(path: string, kind: string): LakituError {
  return new LakituError({
    code: 'E_NOT_A_FILE',
    headline: `${path} is no file but a ${kind}: what it holds cannot be known`,
    next: 'Name a file.',
    family: 'world',
  })
}

function orUndefined<T>(read: () => T, codes: readonly string[]): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined
    throw error
  }
}
