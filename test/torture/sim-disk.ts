import { dirname, join, posix } from 'node:path'
import type { Disk, DiskEntry, Identity, OpenFile, PathKind } from '../../src/ports/disk.ts'
import { type Sha256, sha256 } from '../../src/util/digest.ts'
import { type Content, sync } from './content.ts'
import { basename, failure, isCode, linkText, refusedRename } from './sim-errors.ts'

export { basename, failure, isCode } from './sim-errors.ts'

/** A file, folder or link; what of it would survive a power cut stands beside what readers see. */
export interface Inode extends Content {
  readonly number: number
  readonly kind: Exclude<PathKind, 'other'>
  mode: number
  mtime: number
  ctime: number
  /** Of a folder. */
  readonly entries: Map<string, Inode>
  syncedEntries: Map<string, Inode>
  /** Of a link. */
  readonly text: string
  /** How many names it has. */
  links: number
}

export interface DiskClock {
  /** In ms, with fractions, as the file system rounds it. */
  now(): number
}

/** The file system of a case: who wants to use it gets a view with its own faults (`DiskView`). */
export class SimDisk {
  readonly root: Inode
  /** Every text that people and programs wrote, for whoever asks where some content comes from. */
  readonly written = new Set<string>()
  private readonly free: number[] = []
  private next = 2
  private readonly clock: DiskClock

  constructor(clock: DiskClock) {
    this.clock = clock
    this.root = this.inode('folder', 0o755)
    this.root.links = 1
  }

  /** Inode numbers are used again at once, as ext4 does. */
  private inode(kind: Inode['kind'], mode: number, text = ''): Inode {
    const now = this.clock.now()
    const number = this.free.pop() ?? this.next++
    return {
      number,
      kind,
      mode,
      mtime: now,
      ctime: now,
      content: Buffer.alloc(0),
      synced: undefined,
      safe: 0,
      entries: new Map(),
      syncedEntries: new Map(),
      text,
      links: 0,
    }
  }

  /** The inode of a path; links on the way are followed, the last one only where asked. */
  find(path: string, follow = false, depth = 0): Inode | undefined {
    if (depth > 20) throw failure('ELOOP', path)
    let inode = this.root
    // Asked some thousand times in each case: no part is cut out twice, and nothing is joined but for a link.
    for (let from = 1; from < path.length; ) {
      const slash = path.indexOf('/', from)
      const end = slash === -1 ? path.length : slash
      const part = path.slice(from, end)
      if (part !== '') {
        if (inode.kind !== 'folder') throw failure('ENOTDIR', path)
        const next = inode.entries.get(part)
        if (!next) return undefined
        const rest = path.slice(end + 1)
        if (next.kind === 'link' && (follow || rest !== '')) {
          const target = posix.resolve(path.slice(0, from), next.text)
          return this.find(rest === '' ? target : `${target}/${rest}`, follow, depth + 1)
        }
        inode = next
      }
      from = end + 1
    }
    return inode
  }

  private parent(path: string): Inode {
    const folder = this.find(dirname(path), true)
    if (!folder) throw failure('ENOENT', path)
    if (folder.kind !== 'folder') throw failure('ENOTDIR', path)
    return folder
  }

  identity(path: string): Identity | undefined {
    const inode = this.findOrNothing(path)
    if (!inode) return undefined
    const { kind, mode, mtime, ctime, number } = inode
    const size = kind === 'link' ? Buffer.byteLength(inode.text) : inode.content.length
    return { kind, mode, size, mtime, ctime, inode: number }
  }

  findOrNothing(path: string, follow = false): Inode | undefined {
    try {
      return this.find(path, follow)
    } catch (error) {
      if (isCode(error, 'ENOTDIR') || isCode(error, 'ELOOP')) return undefined
      throw error
    }
  }

  list(path: string): readonly DiskEntry[] | undefined {
    const inode = this.findOrNothing(path, true)
    if (inode?.kind !== 'folder') return undefined
    return [...inode.entries].map(([name, { kind }]) => ({ name, kind }))
  }

  file(path: string): Inode {
    const inode = this.find(path, true)
    if (!inode) throw failure('ENOENT', path)
    if (inode.kind === 'folder') throw failure('EISDIR', path)
    return inode
  }

  realPath(path: string, depth = 0): string | undefined {
    if (depth > 20) return undefined
    try {
      let real = '/'
      for (const part of path.split('/').filter((p) => p !== '')) {
        const step = join(real, part)
        const inode = this.find(step)
        if (!inode) return undefined
        const text = inode.text.startsWith('/') ? inode.text : `${real}/${inode.text}`
        const target = inode.kind === 'link' ? this.realPath(text, depth + 1) : step
        if (target === undefined) return undefined
        real = target
      }
      return real
    } catch (error) {
      if (isCode(error, 'ENOTDIR') || isCode(error, 'ELOOP')) return undefined
      throw error
    }
  }

  makeFolder(path: string, mode = 0o755): void {
    const there = this.findOrNothing(path, true)
    if (there?.kind === 'folder') return
    if (there || this.findOrNothing(path)) throw failure('EEXIST', path)
    if (this.findOrNothing(dirname(path), true)?.kind !== 'file') this.makeFolder(dirname(path), mode)
    this.link(path, this.inode('folder', mode))
  }

  makeLink(path: string, text: string): void {
    if (this.find(path)) throw failure('EEXIST', path)
    this.link(path, this.inode('link', 0o777, text))
  }

  /** Makes an empty file, or empties the one that is there. */
  create(path: string, empty: boolean, mode = 0o644): Inode {
    const there = this.find(path, true)
    if (there) {
      if (there.kind === 'folder') throw failure('EISDIR', path)
      if (empty && there.content.length > 0) this.setContent(there, Buffer.alloc(0))
      return there
    }
    const link = this.find(path)
    if (link) return this.create(posix.resolve(dirname(path), link.text), empty, mode)
    const inode = this.inode('file', mode)
    this.link(path, inode)
    return inode
  }

  /** `from`: the bytes before it stay as they are. */
  setContent(inode: Inode, content: Buffer, from = 0): void {
    inode.content = content
    inode.safe = Math.min(inode.safe, from)
    inode.mtime = this.clock.now()
    inode.ctime = inode.mtime
  }

  setMode(path: string, mode: number): void {
    const inode = this.find(path, true)
    if (!inode) throw failure('ENOENT', path)
    inode.mode = mode
    inode.ctime = this.clock.now()
  }

  /** What `utimes` does: the ctime tells of it. */
  setMtime(path: string, mtime: number): void {
    const inode = this.file(path)
    inode.mtime = mtime
    inode.ctime = this.clock.now()
  }

  remove(path: string): void {
    const inode = this.findOrNothing(path)
    if (!inode) return
    for (const name of inode.entries.keys()) this.remove(`${path}/${name}`)
    const parent = this.parent(path)
    parent.entries.delete(basename(path))
    this.touchFolder(parent)
    this.unlinked(inode)
  }

  rename(from: string, to: string): void {
    const inode = this.find(from)
    if (!inode) throw failure('ENOENT', from)
    const there = this.find(to)
    const [old, target] = [this.parent(from), this.parent(to)]
    const refused = `${to}/`.startsWith(`${from}/`) && from !== to ? 'EINVAL' : refusedRename(inode, there)
    if (refused !== undefined) throw failure(refused, to)
    if (there === inode) return
    old.entries.delete(basename(from))
    target.entries.set(basename(to), inode)
    this.touchFolder(old)
    this.touchFolder(target)
    inode.ctime = this.clock.now()
    if (there) this.unlinked(there)
  }

  private link(path: string, inode: Inode): void {
    const parent = this.parent(path)
    parent.entries.set(basename(path), inode)
    inode.links += 1
    this.touchFolder(parent)
  }

  private unlinked(inode: Inode): void {
    inode.links -= 1
    if (inode.links === 0) this.free.push(inode.number)
  }

  private touchFolder(folder: Inode): void {
    folder.mtime = this.clock.now()
    folder.ctime = folder.mtime
  }

  /** The same content under new inodes. */
  cloned(inode: Inode): Inode {
    const copy = this.inode(inode.kind, inode.mode, inode.text)
    copy.content = inode.content
    for (const [name, below] of inode.entries) {
      const other = this.cloned(below)
      other.links = 1
      copy.entries.set(name, other)
    }
    return copy
  }

  /** Puts a whole tree at a place where nothing is. */
  put(path: string, inode: Inode): void {
    this.link(path, inode)
  }

  /** Everything as it is now is on the disk itself. */
  syncAll(folder = this.root): void {
    folder.syncedEntries = new Map(folder.entries)
    for (const inode of folder.entries.values()) {
      if (inode.kind === 'folder') this.syncAll(inode)
      else sync(inode)
    }
  }
}

/** Lets the calls of a view through, breaks them, or dies at them. */
export type Gate = <T>(
  call: { readonly name: string; readonly path: string; readonly writes: boolean },
  run: () => T,
) => T

/** The disk as one process sees it. */
export function diskView(disk: SimDisk, gate: Gate, shorten: (length: number) => number): Disk {
  const read = <T>(name: string, path: string, run: () => T) => gate({ name, path, writes: false }, run)
  const write = <T>(name: string, path: string, run: () => T) => gate({ name, path, writes: true }, run)
  return {
    identity: (path) => read('identity', path, () => disk.identity(path)),
    list: (path) => read('list', path, () => disk.list(path)),
    hash: (path) => read('hash', path, () => sha256(disk.file(path).content)),
    read: (path) => read('read', path, () => readFile(disk, path)),
    readLink: (path) => read('readLink', path, () => linkText(disk.find(path), path)),
    realPath: (path) => read('realPath', path, () => disk.realPath(path)),
    mayExecute: (path) => read('mayExecute', path, () => mayExecute(disk, path)),
    makeFolder: (path, mode) => write('makeFolder', path, () => disk.makeFolder(path, mode)),
    makeLink: (path, text) => write('makeLink', path, () => disk.makeLink(path, text)),
    setMode: (path, mode) => write('setMode', path, () => disk.setMode(path, mode)),
    remove: (path) => write('remove', path, () => disk.remove(path)),
    rename: (from, to) => write('rename', to, () => disk.rename(from, to)),
    copy: (from, to, mode) => copy(disk, write, { from, to, mode }),
    duplicate: (from, to, mode) => void copy(disk, write, { from, to, mode }),
    open: (path, how) => {
      const inode = write('open', path, () => disk.create(path, how === 'empty'))
      return openFile(disk, { inode, path }, write, shorten)
    },
    syncFolder: (path) => write('syncFolder', path, () => syncFolder(disk, path)),
    touch: (path) =>
      write('touch', path, () => {
        disk.makeFolder(dirname(path))
        const inode = disk.create(path, false)
        disk.setContent(inode, inode.content)
        return inode.mtime
      }),
  }
}

type Call = <T>(name: string, path: string, run: () => T) => T

function copy(
  disk: SimDisk,
  call: Call,
  { from, to, mode }: { readonly from: string; readonly to: string; readonly mode: number },
): Sha256 {
  const source = call('copy', from, () => disk.file(from).content)
  if (disk.find(to)) throw failure('EEXIST', to)
  const target = call('copy', to, () => disk.create(to, true, mode))
  const half = source.length >> 1
  // In two steps: one can die in between.
  call('copy', to, () => disk.setContent(target, Buffer.from(source.subarray(0, half))))
  call('copy', to, () => disk.setContent(target, source))
  return call('copy', to, () => sha256(target.content))
}

function openFile(
  disk: SimDisk,
  { inode, path }: { readonly inode: Inode; readonly path: string },
  call: Call,
  shorten: (length: number) => number,
): OpenFile {
  return {
    write: (bytes, position) =>
      call('write', path, () => {
        const part = bytes.subarray(0, shorten(bytes.length))
        const content = Buffer.alloc(Math.max(inode.content.length, position + part.length))
        inode.content.copy(content)
        content.set(part, position)
        disk.setContent(inode, content, position)
        return part.length
      }),
    truncate: (length) =>
      call('truncate', path, () => {
        const old = inode.content
        const kept = old.subarray(0, length)
        if (old.length !== length) disk.setContent(inode, Buffer.concat([kept], length), Math.min(length, old.length))
      }),
    sync: () => call('sync', path, () => sync(inode)),
    close: () => {},
  }
}

function readFile(disk: SimDisk, path: string): Buffer | undefined {
  const inode = disk.findOrNothing(path, true)
  if (inode?.kind === 'folder') throw failure('EISDIR', path)
  return inode?.content
}

function mayExecute(disk: SimDisk, path: string): boolean {
  const inode = disk.findOrNothing(path, true)
  return inode?.kind === 'file' && (inode.mode & 0o111) !== 0
}

function syncFolder(disk: SimDisk, path: string): void {
  const inode = disk.find(path, true)
  if (!inode) throw failure('ENOENT', path)
  inode.syncedEntries = new Map(inode.entries)
}
