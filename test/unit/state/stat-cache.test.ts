import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import type { Disk, Identity } from '../../../src/ports/disk.ts'
import { StatCache } from '../../../src/state/stat-cache.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { treePath } from '../../../src/util/paths.ts'
import { testFolder } from '../../support/folder.ts'

/** One file on a disk whose times a test sets, and that counts how often it is read. */
class OneFile {
  content = 'v1'
  time = 1000.5
  reads = 0
  /** What the file system's clock says. */
  now = 5000.5
  onHash: () => void = () => {}
  touchFails = false

  identity(): Identity {
    return { kind: 'file', mode: 0o644, size: this.content.length, mtime: this.time, ctime: this.time, inode: 7 }
  }

  edit(content: string): void {
    this.content = content
    this.time = this.now
  }

  /** Of a new process: all that it knows is what the last one saved in the folder. */
  cache(folder = '/nowhere', boot = 'boot'): StatCache {
    const disk: Disk = {
      ...nodeDisk,
      identity: () => this.identity(),
      hash: () => {
        this.reads += 1
        const seen = sha256(this.content)
        this.onHash()
        return seen
      },
      touch: () => {
        if (this.touchFails) throw Object.assign(new Error('read-only'), { code: 'EROFS' })
        return this.now
      },
    }
    return new StatCache(disk, { root: '/project', cache: folder, boot })
  }
}

const path = treePath('/project', 'a.c')
const factOf = (content: string) => `file 644 ${sha256(content)}`

describe('a file whose identity is old', () => {
  it('is read once, also by the next process', async () => {
    const folder = await testFolder()
    const file = new OneFile()
    const first = file.cache(folder)
    expect([first.fact(path), first.fact(path)]).toEqual([factOf('v1'), factOf('v1')])
    first.save()
    expect(file.cache(folder).fact(path)).toBe(factOf('v1'))
    expect(file.reads).toBe(1)
  })

  it('is read again after a start of the machine, which may have lost what it held', async () => {
    const folder = await testFolder()
    const file = new OneFile()
    const first = file.cache(folder)
    first.fact(path)
    first.save()
    file.content = '\0\0'
    expect(file.cache(folder, 'another boot').fact(path)).toBe(factOf('\0\0'))
  })

  it.each<[string, (identity: Identity) => Identity]>([
    ['kind', (i) => ({ ...i, kind: 'other' })],
    ['mode', (i) => ({ ...i, mode: 0o755 })],
    ['size', (i) => ({ ...i, size: 3 })],
    ['mtime, forward', (i) => ({ ...i, mtime: i.mtime + 0.25 })],
    ['mtime, backward', (i) => ({ ...i, mtime: i.mtime - 100 })],
    ['ctime', (i) => ({ ...i, ctime: i.ctime + 0.25 })],
    ['inode', (i) => ({ ...i, inode: 8 })],
  ])('is read again when its %s is another one', (_what, other) => {
    const file = new OneFile()
    const cache = file.cache()
    cache.fact(path)
    const identity = other(file.identity())
    file.identity = () => identity
    file.content = 'v2'
    expect(cache.fact(path)).toBe(
      identity.kind === 'other' ? 'other' : factOf('v2').replace('644', identity.mode.toString(8)),
    )
  })
})

describe('a racy file', () => {
  it.each([
    ['written just now', 5000.5, false],
    ['written 19 ms ago', 4981.5, false],
    ['written 21 ms ago', 4979.5, true],
    ['from the future', 99_999.5, false],
    ['1 s ago, on a file system of whole seconds', 4_000, false],
    ['3 s ago, on a file system of whole seconds', 2_000, true],
  ])('%s: trusted next time: %s', (_when, time, trusted) => {
    const file = new OneFile()
    file.time = time
    if (time % 1000 === 0) file.now = 5_000
    const cache = file.cache()
    cache.fact(path)
    cache.newStamp()
    file.content = 'v2'
    expect(cache.fact(path)).toBe(trusted ? factOf('v1') : factOf('v2'))
  })

  it.each<[string, Partial<Identity>]>([
    ['ctime', { ctime: 5000.5 }],
    ['mtime', { mtime: 5000.5 }],
  ])('is one of which only the %s is of just now', (_which, times) => {
    const file = new OneFile()
    const identity = { ...file.identity(), ...times }
    file.identity = () => identity
    const cache = file.cache()
    expect(cache.settlesIn(path)).toBe(20)
    cache.fact(path)
    cache.newStamp()
    file.content = 'v2'
    expect(cache.fact(path)).toBe(factOf('v2'))
  })

  it('is judged by a stamp from before it was read: reading may take long', () => {
    const file = new OneFile()
    file.edit('v1')
    const cache = file.cache()
    file.onHash = () => {
      // An edit of the same size right behind the reader, in the same grain of the file system's clock.
      file.content = 'v2'
      file.now += 1000
    }
    cache.fact(path)
    file.onHash = () => {}
    expect(cache.fact(path)).toBe(factOf('v2'))
  })

  it('is what every file is where no stamp can be written, and that is no error', () => {
    const file = new OneFile()
    file.touchFails = true
    const cache = file.cache()
    expect(cache.fact(path)).toBe(factOf('v1'))
    file.content = 'v2'
    expect(cache.fact(path)).toBe(factOf('v2'))
  })
})

describe('how long a file stays racy', () => {
  it.each<[string, number, number, number]>([
    ['written just now', 5000.5, 5000.5, 20],
    ['written 15 ms ago', 4985.5, 5000.5, 5],
    ['written 20 ms ago', 4980.5, 5000.5, 0],
    ['written long ago', 1000.5, 5000.5, 0],
    ['1.5 s ago, on a file system of whole seconds', 4000, 5500, 500],
    ['from the near future, as of a clock that is ahead: no waiting helps', 5001.5, 5000.5, 0],
    ['from the far future', 99_999.5, 5000.5, 0],
  ])('%s', (_when, time, now, expected) => {
    const file = new OneFile()
    Object.assign(file, { time, now })
    const cache = file.cache()
    expect(cache.settlesIn(path)).toBe(expected)
    cache.fact(path)
    expect(cache.settlesIn(path)).toBe(expected)
  })

  it('is no question for a folder, nor where nothing is', () => {
    const file = new OneFile()
    file.edit('now')
    file.identity = () => ({ ...OneFile.prototype.identity.call(file), kind: 'folder' })
    expect(file.cache().settlesIn(path)).toBe(0)
  })

  it('is none for one that is known, whatever the clock says by now', () => {
    const file = new OneFile()
    const cache = file.cache()
    cache.fact(path)
    file.now = file.time
    cache.newStamp()
    expect(cache.settlesIn(path)).toBe(0)
  })

  it('is judged by a stamp of its round: the next round has a later one', () => {
    const file = new OneFile()
    file.edit('v1')
    const cache = file.cache()
    expect(cache.settlesIn(path)).toBe(20)
    file.now += 15
    expect(cache.settlesIn(path)).toBe(20)
    cache.newStamp()
    expect(cache.settlesIn(path)).toBe(5)
  })
})

describe('what a cache kept for the next process', () => {
  it.each(['', '{', '[1]', '[["a.c",[1],2]]', 'null'])(
    'is as good as nothing when it does not read well: %j',
    (saved) => {
      expect(new OneFile().cache(saved).fact(path)).toBe(factOf('v1'))
    },
  )
})

describe('on the real disk', () => {
  it('an edit of the same size whose mtime was set back is seen', async () => {
    const root = await testFolder()
    const file = join(root, 'a.c')
    writeFileSync(file, 'v1')
    utimesSync(file, 1_000_000, 1_000_000)
    const cache = new StatCache(nodeDisk, { root, cache: root, boot: 'boot' })
    expect(cache.fact(treePath(root, 'a.c'))).toBe(factOf('v1'))
    writeFileSync(file, 'v2')
    utimesSync(file, 1_000_000, 1_000_000)
    expect(statSync(file).mtimeMs).toBe(1_000_000_000)
    expect(cache.fact(treePath(root, 'a.c'))).toBe(factOf('v2'))
  })

  it('edits in quick succession are all seen', async () => {
    const root = await testFolder()
    const cache = new StatCache(nodeDisk, { root, cache: root, boot: 'boot' })
    for (let n = 100; n < 300; n += 1) {
      writeFileSync(join(root, 'a.c'), `v${n}`)
      expect(cache.fact(treePath(root, 'a.c'))).toBe(factOf(`v${n}`))
    }
  })

  it('folders, links and what is not there have facts of their own', async () => {
    const root = await testFolder()
    const cache = new StatCache(nodeDisk, { root, cache: root, boot: 'boot' })
    const fact = (name: string) => cache.fact(treePath(root, name))
    mkdirSync(join(root, 'folder'))
    writeFileSync(join(root, 'file'), 'v1')
    chmodSync(join(root, 'file'), 0o755)
    symlinkSync('file', join(root, 'link'))
    symlinkSync('nowhere', join(root, 'dangling'))
    expect(fact('file')).toBe(factOf('v1').replace('644', '755'))
    expect(fact('folder')).toBe('folder 755')
    expect(fact('link')).toBe(`link file → file 755 ${sha256('v1')}`)
    expect(fact('dangling')).toBe('link nowhere → nothing')
    expect(fact('absent')).toBe('absent')
    expect(fact('file/below')).toBe('absent')
    writeFileSync(join(root, 'file'), 'v2')
    expect(fact('link')).toBe(`link file → file 755 ${sha256('v2')}`)
    // Whoever starts a program through a link depends on the mode of what is there.
    chmodSync(join(root, 'file'), 0o644)
    expect(fact('link')).toBe(`link file → file 644 ${sha256('v2')}`)
    rmSync(join(root, 'link'))
    expect(fact('link')).toBe('absent')
  })
})
