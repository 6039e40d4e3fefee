import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../../src/ports/disk.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { codeOf, type DiskWorld, disks } from '../../support/disks.ts'

/** A file with this content. */
function write(disk: Disk, path: string, text: string): void {
  const file = disk.open(path, 'empty')
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) done += file.write(bytes.subarray(done), done)
  file.close()
}

interface Made extends DiskWorld {
  /** Absolute. */
  at(path: string): string
}

/** `file`, `folder/inner`, links to both, to nothing, and in a circle. */
function furnished(world: DiskWorld): Made {
  const at = (path: string) => join(world.root, path)
  const { disk } = world
  write(disk, at('file'), 'text')
  disk.makeFolder(at('folder'))
  write(disk, at('folder/inner'), 'inside')
  disk.makeLink(at('to-file'), 'file')
  disk.makeLink(at('to-folder'), 'folder')
  disk.makeLink(at('to-nothing'), 'nothing')
  disk.makeLink(at('circle'), 'circle')
  return { ...world, at }
}

/** Where nothing is, for one reason or another. */
const nowhere = ['nothing', 'nothing/below', 'file/below', 'circle/below', 'to-nothing/below', 'to-file/below']

describe.each(disks)('on $name', ({ missing, make }) => {
  const on = (what: string, test: (made: Made) => unknown) =>
    it.skipIf(missing !== undefined)(missing === undefined ? what : `${what} (${missing})`, () =>
      test(furnished(make())),
    )

  on('the identity of a path is its own, links are not followed', ({ disk, at }) => {
    expect(disk.identity(at('file'))).toMatchObject({ kind: 'file', size: 4 })
    expect(disk.identity(at('folder'))?.kind).toBe('folder')
    for (const link of ['to-file', 'to-folder', 'to-nothing', 'circle']) {
      expect(disk.identity(at(link))?.kind).toBe('link')
    }
    disk.makeLink(at('wide'), 'caf\u00e9')
    expect(disk.identity(at('wide'))?.size).toBe(5)
    expect(disk.identity(at('to-folder/inner'))).toEqual(disk.identity(at('folder/inner')))
    for (const path of nowhere) expect([path, disk.identity(at(path))]).toEqual([path, undefined])
  })

  on(
    'the identity of what is left alone stays, however often it is looked at and read',
    async ({ disk, at, later }) => {
      const paths = ['file', 'folder', 'folder/inner', 'to-file', 'to-nothing']
      const look = () => paths.map((path) => disk.identity(at(path)))
      const before = look()
      await later()
      disk.read(at('file'))
      disk.hash(at('file'))
      disk.list(at('folder'))
      disk.copy(at('file'), at('copied'), 0o600)
      expect(look()).toEqual(before)
    },
  )

  on('a folder is listed with the kinds of what is in it, also behind a link', ({ disk, at, root }) => {
    const sorted = (path: string) => disk.list(path)?.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    expect(sorted(root)).toEqual([
      { name: 'circle', kind: 'link' },
      { name: 'file', kind: 'file' },
      { name: 'folder', kind: 'folder' },
      { name: 'to-file', kind: 'link' },
      { name: 'to-folder', kind: 'link' },
      { name: 'to-nothing', kind: 'link' },
    ])
    expect(sorted(at('to-folder'))).toEqual([{ name: 'inner', kind: 'file' }])
    for (const path of ['file', 'to-file', 'to-nothing', 'circle', ...nowhere]) {
      expect([path, disk.list(at(path))]).toEqual([path, undefined])
    }
  })

  on('content is read and hashed, also behind a link', ({ disk, at }) => {
    for (const path of ['file', 'to-file']) {
      expect([String(disk.read(at(path))), disk.hash(at(path))]).toEqual(['text', sha256('text')])
    }
    for (const path of ['to-nothing', 'circle', ...nowhere])
      expect([path, disk.read(at(path))]).toEqual([path, undefined])
  })

  on('what cannot be read says why', ({ disk, at }) => {
    expect([codeOf(() => disk.read(at('folder'))), codeOf(() => disk.read(at('to-folder')))]).toEqual([
      'EISDIR',
      'EISDIR',
    ])
    expect(codeOf(() => disk.hash(at('folder')))).toBe('EISDIR')
    for (const path of ['nothing', 'nothing/below', 'to-nothing'])
      expect(codeOf(() => disk.hash(at(path)))).toBe('ENOENT')
    expect(codeOf(() => disk.hash(at('file/below')))).toBe('ENOTDIR')
    expect(codeOf(() => disk.hash(at('circle')))).toBe('ELOOP')
  })

  on('a link is read as it was written, and nothing else is', ({ disk, at }) => {
    disk.makeLink(at('odd'), '../no//where/./')
    expect(disk.readLink(at('odd'))).toBe('../no//where/./')
    expect([codeOf(() => disk.readLink(at('file'))), codeOf(() => disk.readLink(at('nothing')))]).toEqual([
      'EINVAL',
      'ENOENT',
    ])
  })

  on('the real path has no link in it, and is none where one leads nowhere', ({ disk, at, root }) => {
    disk.makeLink(at('folder/up'), '../to-folder/inner')
    expect(disk.realPath(at('folder/up'))).toBe(at('folder/inner'))
    expect([disk.realPath(root), disk.realPath(at('to-folder'))]).toEqual([root, at('folder')])
    // `..` leads out of where the link before it ends, not out of where that link stands.
    disk.makeFolder(at('folder/deeper'))
    disk.makeLink(at('to-deeper'), 'folder/deeper')
    disk.makeLink(at('over'), 'to-deeper/../inner')
    expect(disk.realPath(at('over'))).toBe(at('folder/inner'))
    for (const path of ['to-nothing', 'circle', ...nowhere]) {
      expect([path, disk.realPath(at(path))]).toEqual([path, undefined])
    }
  })

  on('only a file with the right to be executed may be executed, also behind a link', ({ disk, at }) => {
    expect(disk.mayExecute(at('file'))).toBe(false)
    disk.setMode(at('file'), 0o755)
    expect([disk.mayExecute(at('file')), disk.mayExecute(at('to-file'))]).toEqual([true, true])
    for (const path of ['folder', 'to-folder', 'to-nothing', 'circle', ...nowhere]) {
      expect([path, disk.mayExecute(at(path))]).toEqual([path, false])
    }
  })
})

/** What moves the identity of `file`, and whether its mtime moves with it. */
const changes: readonly { what: string; mtime: 'moves' | 'stays'; change: (made: Made) => void }[] = [
  { what: 'other content', mtime: 'moves', change: ({ disk, at }) => write(disk, at('file'), 'longer text') },
  { what: 'the same content', mtime: 'moves', change: ({ disk, at }) => write(disk, at('file'), 'text') },
  {
    what: 'a write into it',
    mtime: 'moves',
    change: ({ disk, at }) => {
      const file = disk.open(at('file'), 'keep')
      file.write(Buffer.from('T'), 0)
      file.close()
    },
  },
  {
    what: 'cutting it off',
    mtime: 'moves',
    change: ({ disk, at }) => {
      const file = disk.open(at('file'), 'keep')
      file.truncate(2)
      file.close()
    },
  },
  { what: 'another mode', mtime: 'stays', change: ({ disk, at }) => disk.setMode(at('file'), 0o600) },
  {
    what: 'another mode and back',
    mtime: 'stays',
    change: ({ disk, at }) => {
      const mode = disk.identity(at('file'))?.mode ?? 0
      disk.setMode(at('file'), 0o600)
      disk.setMode(at('file'), mode)
    },
  },
  {
    what: 'a rename and back',
    mtime: 'stays',
    change: ({ disk, at }) => {
      disk.rename(at('file'), at('other'))
      disk.rename(at('other'), at('file'))
    },
  },
  {
    what: 'an edit whose mtime is put back',
    mtime: 'stays',
    change: ({ disk, at, setMtime }) => {
      const { mtime = 0 } = disk.identity(at('file')) ?? {}
      write(disk, at('file'), 'TEXT')
      setMtime(at('file'), mtime)
    },
  },
  {
    what: 'a file that is renamed over it',
    mtime: 'moves',
    change: ({ disk, at }) => {
      write(disk, at('other'), 'text')
      disk.rename(at('other'), at('file'))
    },
  },
  {
    what: 'taking it away and making it again',
    mtime: 'moves',
    change: ({ disk, at }) => {
      disk.remove(at('file'))
      write(disk, at('file'), 'text')
    },
  },
]

describe.each(disks)('on $name the identity of a file tells of', ({ missing, make }) => {
  it.skipIf(missing !== undefined).each(changes)('$what', async ({ change, mtime }) => {
    const made = furnished(make())
    // Of an odd fraction of a millisecond no disk could put back what a program was told.
    made.setMtime(made.at('file'), 1_600_000_000_000)
    await made.later()
    const before = made.disk.identity(made.at('file'))
    change(made)
    const after = made.disk.identity(made.at('file'))
    expect(after?.ctime).toBeGreaterThan(before?.ctime ?? Number.POSITIVE_INFINITY)
    if (mtime === 'stays') expect(after?.mtime).toBe(before?.mtime)
    else expect(after?.mtime).toBeGreaterThan(before?.mtime ?? Number.POSITIVE_INFINITY)
  })

  it.skipIf(missing !== undefined)('a hard link to it', async ({ skip }) => {
    const { disk, at, later, hardLink } = furnished(make())
    if (!hardLink) return skip('this disk has no hard links')
    await later()
    const before = disk.identity(at('file'))
    hardLink(at('file'), at('second'))
    expect(disk.identity(at('file'))?.ctime).toBeGreaterThan(before?.ctime ?? Number.POSITIVE_INFINITY)
    expect(disk.identity(at('second'))).toEqual(disk.identity(at('file')))
  })

  it.skipIf(missing !== undefined)('nothing where a folder changes; of that the folder tells', async () => {
    const { disk, at, later } = furnished(make())
    const times = (path: string) => disk.identity(at(path))?.mtime ?? 0
    for (const [change, moves] of [
      [() => write(disk, at('folder/new'), ''), true],
      [() => write(disk, at('folder/inner'), 'other'), false],
      [() => disk.rename(at('folder/new'), at('folder/newer')), true],
      [() => disk.remove(at('folder/newer')), true],
      [() => disk.makeLink(at('folder/link'), 'inner'), true],
    ] as const) {
      await later()
      const before = times('folder')
      change()
      expect(times('folder') > before).toBe(moves)
    }
  })
})
