import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../../src/ports/disk.ts'
import { replaceFile } from '../../../src/state/replace.ts'
import { isRacy } from '../../../src/state/stat-cache.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { codeOf, type DiskWorld, disks, smallDisks } from '../../support/disks.ts'

type Made = DiskWorld & {
  at(path: string): string
  /** What the file holds, and what is there else. */
  see(path: string): string
}

/** `a` and `b` are files that hold their names, `folder/inner` and `empty` are below the root. */
function furnished(world: DiskWorld): Made {
  const { disk } = world
  const at = (path: string) => join(world.root, path)
  for (const folder of ['folder', 'empty']) disk.makeFolder(at(folder))
  for (const path of ['a', 'b', 'folder/inner']) replaceFile(disk, at(path), path)
  disk.makeLink(at('to-a'), 'a')
  disk.makeLink(at('to-folder'), 'folder')
  disk.makeLink(at('to-nothing'), 'nothing')
  const see = (path: string) => {
    const kind = disk.identity(at(path))?.kind ?? 'nothing'
    return kind === 'file' ? String(disk.read(at(path))) : kind === 'link' ? `→ ${disk.readLink(at(path))}` : kind
  }
  return { ...world, at, see }
}

function write(disk: Disk, path: string, bytes: Buffer, how: 'keep' | 'empty' = 'empty'): void {
  const file = disk.open(path, how)
  try {
    for (let done = 0; done < bytes.length; ) done += file.write(bytes.subarray(done), done)
  } finally {
    file.close()
  }
}

describe.each(disks)('on $name', ({ missing, make }) => {
  const on = (what: string, test: (made: Made) => unknown) =>
    it.skipIf(missing !== undefined)(missing === undefined ? what : `${what} (${missing})`, () =>
      test(furnished(make())),
    )

  on('a rename replaces what is there, a link itself too', ({ disk, at, see }) => {
    const { inode } = disk.identity(at('a')) ?? {}
    disk.rename(at('a'), at('b'))
    expect([see('a'), see('b'), disk.identity(at('b'))?.inode]).toEqual(['nothing', 'a', inode])
    disk.rename(at('b'), at('to-folder'))
    expect([see('to-folder'), see('folder/inner')]).toEqual(['a', 'folder/inner'])
    disk.rename(at('to-a'), at('folder/link'))
    expect(see('folder/link')).toBe('→ a')
    disk.rename(at('folder'), at('empty'))
    expect([see('folder'), see('empty/inner')]).toEqual(['nothing', 'folder/inner'])
    disk.rename(at('empty'), at('empty'))
    expect(see('empty/inner')).toBe('folder/inner')
  })

  on('a rename that cannot be says why, and changes nothing', ({ disk, at, see }) => {
    const code = (from: string, to: string) => codeOf(() => disk.rename(at(from), at(to)))
    expect([code('a', 'folder'), code('a', 'empty')]).toEqual(['EISDIR', 'EISDIR'])
    expect([code('folder', 'a'), code('folder', 'to-a')]).toEqual(['ENOTDIR', 'ENOTDIR'])
    expect(code('empty', 'folder')).toBe('ENOTEMPTY')
    expect(code('folder', 'folder/below')).toBe('EINVAL')
    expect([code('nothing', 'b'), code('a', 'nothing/below')]).toEqual(['ENOENT', 'ENOENT'])
    expect([code('a', 'b/below'), code('a/below', 'b')]).toEqual(['ENOTDIR', 'ENOTDIR'])
    expect(['a', 'b', 'folder/inner', 'empty', 'to-a'].map(see)).toEqual(['a', 'b', 'folder/inner', 'folder', '→ a'])
  })

  on('folders are made with all above them, and that they are there is no fault', ({ disk, at, see }) => {
    disk.makeFolder(at('new/er/est'), 0o700)
    expect(['new', 'new/er/est'].map((path) => disk.identity(at(path))?.mode)).toEqual([0o700, 0o700])
    disk.makeFolder(at('new/er'), 0o755)
    expect(disk.identity(at('new/er'))?.mode).toBe(0o700)
    disk.makeFolder(at('to-folder'))
    disk.makeFolder(at('to-folder/below'))
    expect([see('to-folder'), see('folder/below')]).toEqual(['→ folder', 'folder'])
  })

  on('a folder is not made where something else is', ({ disk, at, see }) => {
    expect(codeOf(() => disk.makeFolder(at('a')))).toBe('EEXIST')
    expect(codeOf(() => disk.makeFolder(at('a/below/deeper')))).toBe('ENOTDIR')
    expect(codeOf(() => disk.makeFolder(at('to-nothing')))).not.toBe('done')
    expect(['a', 'to-nothing', 'nothing'].map(see)).toEqual(['a', '→ nothing', 'nothing'])
  })

  on('links and copies are made only where nothing is', ({ disk, at, see }) => {
    for (const path of ['a', 'folder', 'to-a', 'to-nothing']) {
      expect([path, codeOf(() => disk.makeLink(at(path), 'b'))]).toEqual([path, 'EEXIST'])
      expect([path, codeOf(() => disk.copy(at('b'), at(path), 0o644))]).toEqual([path, 'EEXIST'])
    }
    expect(codeOf(() => disk.makeLink(at('nothing/link'), 'b'))).toBe('ENOENT')
    expect(codeOf(() => disk.copy(at('nothing'), at('new'), 0o644))).toBe('ENOENT')
    expect(codeOf(() => disk.copy(at('b'), at('nothing/new'), 0o644))).toBe('ENOENT')
    expect(['a', 'to-a', 'to-nothing', 'nothing', 'new'].map(see)).toEqual([
      'a',
      '→ a',
      '→ nothing',
      'nothing',
      'nothing',
    ])
  })

  on('a copy has the content, the mode that was asked for, and a sum that is right', ({ disk, at, see }) => {
    disk.duplicate(at('to-a'), at('other'), 0o600)
    expect([see('other'), disk.identity(at('other'))?.mode]).toEqual(['a', 0o600])
    expect(codeOf(() => disk.duplicate(at('to-a'), at('other'), 0o600))).toBe('EEXIST')
    expect(disk.copy(at('to-a'), at('copy'), 0o640)).toBe(sha256('a'))
    expect([see('copy'), disk.identity(at('copy'))?.mode, disk.identity(at('copy'))?.kind]).toEqual([
      'a',
      0o640,
      'file',
    ])
    write(disk, at('copy'), Buffer.from('changed'))
    expect(see('a')).toBe('a')
  })

  on('what is taken away is gone with all in it, but nothing behind a link', ({ disk, at, see }) => {
    disk.makeLink(at('empty/out'), '../folder')
    disk.makeFolder(at('empty/deep/er'))
    disk.remove(at('empty'))
    disk.remove(at('to-a'))
    disk.remove(at('to-nothing'))
    expect(['empty', 'to-a', 'a', 'folder/inner', 'to-nothing'].map(see)).toEqual([
      'nothing',
      'nothing',
      'a',
      'folder/inner',
      'nothing',
    ])
    for (const path of ['nothing', 'nothing/below']) disk.remove(at(path))
  })

  on('a mode is set on what a link leads to', ({ disk, at }) => {
    disk.setMode(at('to-a'), 0o600)
    disk.setMode(at('folder'), 0o750)
    expect([disk.identity(at('a'))?.mode, disk.identity(at('folder'))?.mode]).toEqual([0o600, 0o750])
    expect(codeOf(() => disk.setMode(at('nothing'), 0o600))).toBe('ENOENT')
  })

  on('a file is opened with what it held or without, and made where there is none', ({ disk, at, see }) => {
    disk.open(at('a'), 'keep').close()
    disk.open(at('b'), 'empty').close()
    disk.open(at('new'), 'keep').close()
    expect(['a', 'b', 'new'].map(see)).toEqual(['a', '', ''])
    write(disk, at('to-a'), Buffer.from('through'))
    write(disk, at('to-nothing'), Buffer.from('made'))
    expect(['a', 'to-a', 'nothing', 'to-nothing'].map(see)).toEqual(['through', '→ a', 'made', '→ nothing'])
    expect([codeOf(() => disk.open(at('folder'), 'keep')), codeOf(() => disk.open(at('folder'), 'empty'))]).toEqual([
      'EISDIR',
      'EISDIR',
    ])
    expect(codeOf(() => disk.open(at('nothing/below'), 'empty'))).toBe('ENOTDIR')
    expect(codeOf(() => disk.open(at('none/below'), 'empty'))).toBe('ENOENT')
  })

  on('writes stand where they were put, and may be shorter than was asked', ({ disk, at, see }) => {
    const file = disk.open(at('a'), 'keep')
    expect(file.write(Buffer.from('xy'), 3)).toBe(2)
    expect(see('a')).toBe('a\0\0xy')
    file.truncate(2)
    expect(see('a')).toBe('a\0')
    file.truncate(4)
    expect(see('a')).toBe('a\0\0\0')
    file.sync()
    file.close()
    const bytes = Buffer.alloc(5000, 'z')
    const other = disk.open(at('b'), 'empty')
    const done = other.write(bytes, 0)
    expect(done).toBeGreaterThan(0)
    expect(disk.identity(at('b'))?.size).toBe(done)
    other.close()
  })

  on('an open file stays the same file, whatever becomes of its name', ({ disk, at, see }) => {
    const file = disk.open(at('a'), 'keep')
    disk.rename(at('a'), at('c'))
    file.write(Buffer.from('1'), 0)
    expect([see('a'), see('c')]).toEqual(['nothing', '1'])
    disk.rename(at('b'), at('c'))
    file.write(Buffer.from('2'), 0)
    expect(see('c')).toBe('b')
    file.close()
  })

  on('what is put on the disk itself must be there', ({ disk, at, root }) => {
    disk.syncFolder(root)
    expect(codeOf(() => disk.syncFolder(at('nothing')))).toBe('ENOENT')
  })

  on('a stamp has the time of now: nothing written after it is older, nothing long before it is racy', async (made) => {
    const { disk, at, later } = made
    const first = disk.touch(at('far/away/stamp'))
    expect(disk.identity(at('far/away/stamp'))?.mtime).toBe(first)
    write(disk, at('a'), Buffer.from('a'))
    const after = disk.identity(at('a'))
    expect(after?.mtime).toBeGreaterThanOrEqual(first)
    expect(after && isRacy(after, first)).toBe(true)
    await later()
    const second = disk.touch(at('far/away/stamp'))
    expect(second).toBeGreaterThan(first)
    expect(after && isRacy(after, second)).toBe(false)
  })
})

describe.each(smallDisks)('on $name that gets full', ({ missing, make }) => {
  it.skipIf(missing !== undefined)('writes and copies say so, and what was written before stands', () => {
    const { disk, at, see } = furnished(make())
    expect(codeOf(() => write(disk, at('big'), Buffer.alloc(1 << 20)))).toBe('ENOSPC')
    expect(disk.identity(at('big'))?.size).toBeGreaterThan(0)
    expect(codeOf(() => disk.copy(at('big'), at('copy'), 0o600))).toBe('ENOSPC')
    expect(codeOf(() => replaceFile(disk, at('a'), Buffer.alloc(1 << 17)))).toBe('ENOSPC')
    expect(['a', 'b', 'folder/inner'].map(see)).toEqual(['a', 'b', 'folder/inner'])
    expect(disk.list(at('.'))?.filter(({ name }) => name.endsWith('.new'))).toEqual([])
    disk.remove(at('big'))
  })
})
