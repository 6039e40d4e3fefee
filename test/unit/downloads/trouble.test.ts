import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { downloadsFolder } from '../../../src/downloads/places.ts'
import { downloadsLab } from '../../support/downloads.ts'

const url = 'https://files.example/tool.zip'

describe('the folder of downloads', () => {
  it("is the project's, or below what LAKITU_CACHE_DIR names", () => {
    const of = (named?: string) => {
      const environment = { HOME: '/home/me', ...(named === undefined ? {} : { LAKITU_CACHE_DIR: named }) }
      return downloadsFolder('/project', environment)
    }
    expect(of()).toBe('/project/.cache/downloads')
    expect(of('')).toBe('/project/.cache/downloads')
    expect(of('/big/cache/')).toBe('/big/cache/downloads')
    expect(of('~/.cache/lakitu')).toBe('/home/me/.cache/lakitu/downloads')
    for (const named of ['cache', './cache', '../cache', '~me/cache']) {
      const relative = { code: 'E_DOWNLOADS_FOLDER', family: 'usage', facts: { LAKITU_CACHE_DIR: named } }
      expect(() => of(named)).toThrow(expect.objectContaining(relative))
    }
  })

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, 'a file')],
    ['a link to nothing', (path) => symlinkSync('nowhere', path)],
  ])('that is %s is named', async (_what, put) => {
    const lab = await downloadsLab()
    put(lab.path('shared'))
    const sum = lab.http.serve(url, 'the tool')
    const lakitu = lab.lakitu({ environment: { LAKITU_CACHE_DIR: lab.path('shared') } })
    const error = { code: 'E_DOWNLOADS_FOLDER', family: 'world', facts: { folder: lab.path('shared/downloads') } }
    await expect(lakitu.fetch(url, { sha256: sum })).rejects.toMatchObject(error)
    await expect(lakitu.keep('box', async () => {})).rejects.toMatchObject(error)
    expect(lakitu.downloads.survey().size).toBe(0)
  })

  it('may be a link to a folder elsewhere', async () => {
    const lab = await downloadsLab()
    mkdirSync(lab.path('big'))
    symlinkSync('big', lab.path('shared'))
    const sum = lab.http.serve(url, 'the tool')
    await lab.lakitu({ environment: { LAKITU_CACHE_DIR: lab.path('shared') } }).fetch(url, { sha256: sum })
    expect(lab.has(join('big', 'downloads', 'sha256', sum.slice(0, 2), sum))).toBe(true)
  })

  it('that may only be read serves what it has, and names itself for the rest', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    await lab.lakitu().fetch(url, { sha256: sum })
    await lab.lakitu().keep('box', async (folder) => writeFileSync(join(folder, 'it'), 'it'))
    const refuse = (path: string) => {
      if (path.startsWith(lab.places.folder)) throw Object.assign(new Error(`EROFS: ${path}`), { code: 'EROFS' })
    }
    const disk: Partial<typeof nodeDisk> = {
      open: (path, how) => {
        refuse(path)
        return nodeDisk.open(path, how)
      },
      makeFolder: (path) => {
        refuse(path)
        nodeDisk.makeFolder(path)
      },
      touch: (path) => {
        refuse(path)
        return nodeDisk.touch(path)
      },
    }
    const lakitu = lab.lakitu({ disk })
    expect((await lakitu.fetch(url, { sha256: sum, to: lab.path('it') })).from).toBe('cache')
    await lakitu.keep('box', async () => {})
    lab.http.serve('https://files.example/other', 'other')
    await expect(lakitu.fetch('https://files.example/other')).rejects.toMatchObject({ code: 'E_DOWNLOADS_FOLDER' })
  })
})

describe('a disk that is full', () => {
  it('in the middle of a transfer fails it, and the next goes on from there', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    lab.http.fail(url, full)
    await expect(lab.lakitu().fetch(url, { sha256: sum, to: lab.path('tool') })).rejects.toBe(full)
    expect([lab.has('tool'), nodeDisk.list(lab.places.contents)]).toEqual([false, undefined])
    await lab.lakitu().fetch(url, { sha256: sum, to: lab.path('tool') })
    expect([lab.read('tool'), lab.http.transfers.map(({ from }) => from)]).toEqual(['the tool', [0, 4]])
  })

  it('while it is placed leaves nothing there, and what came stays in the cache', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    const duplicate: typeof nodeDisk.duplicate = (_from, to) => {
      writeFileSync(to, 'half')
      throw full
    }
    await expect(
      lab.lakitu({ disk: { duplicate } }).fetch(url, { sha256: sum, to: lab.path('bin/tool') }),
    ).rejects.toBe(full)
    expect(nodeDisk.list(lab.path('bin'))).toEqual([])
    expect((await lab.lakitu().fetch(url, { sha256: sum, to: lab.path('bin/tool') })).from).toBe('cache')
  })
})
