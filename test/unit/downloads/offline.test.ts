import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { downloadsLab } from '../../support/downloads.ts'

const url = 'https://files.example/tool.zip'

describe('offline', () => {
  it('what another one mends while it is looked at is had, and stays', async () => {
    const lab = await downloadsLab()
    const address = 'https://files.example/mended'
    const sum = lab.http.serve(address, 'the tool')
    for (const wanted of [{ sha256: sum }, {}]) {
      await lab.lakitu().fetch(address, wanted)
      const content = lab.places.content(sum)
      chmodSync(content, 0o644)
      writeFileSync(content, 'the fool')
      const hash: typeof nodeDisk.hash = (path) => {
        const found = nodeDisk.hash(path)
        writeFileSync(path, 'the tool')
        return found
      }
      const lakitu = lab.lakitu({ offline: true, disk: { hash } })
      expect(await lakitu.fetch(address, wanted)).toMatchObject({ path: content, from: 'cache' })
      expect(readFileSync(content, 'utf8')).toBe('the tool')
      expect(lakitu.said.join()).not.toContain('damaged')
    }
  })

  it('no password and no ticket of an address is told', async () => {
    const lab = await downloadsLab()
    const lakitu = lab.lakitu({ offline: true })
    const address = 'https://me:hunter2@files.example/a?ticket=s3cret'
    const text = () => lakitu.downloads.text(address, new AbortController().signal)
    for (const ask of [() => lakitu.fetch(address), text]) {
      await expect(ask()).rejects.toMatchObject({ code: 'E_OFFLINE', facts: { url: 'https://files.example/a?…' } })
    }
  })

  it('what is in the cache is had, by its sum or as the address was last', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    await lab.lakitu().fetch(url)
    const lakitu = lab.lakitu({ offline: true })
    expect((await lakitu.fetch(url, { sha256: sum })).from).toBe('cache')
    expect(lakitu.said).toEqual([])
    expect(await lakitu.fetch(url, { to: lab.path('it') })).toMatchObject({ from: 'cache', sha256: sum })
    expect(lakitu.said).toEqual([`a-task: offline: the file is what ${url} led to on 2023-11-14T22:13:20.000Z`])
    expect([lab.read('it'), lab.http.asked.length]).toEqual(['the tool', 1])
  })

  it('what is missing is named so that somebody can bring it', async () => {
    const lab = await downloadsLab()
    const lakitu = lab.lakitu({ offline: true })
    const sum = sha256('the tool')
    const file = lab.places.content(sum)
    const known = await lakitu.fetch(url, { sha256: sum, size: 8 }).catch((error) => error)
    expect(known).toMatchObject({
      code: 'E_OFFLINE',
      family: 'world',
      facts: { url, sha256: sum, size: '8 B', file },
      next: expect.stringContaining(file),
    })
    await expect(lakitu.fetch(url)).rejects.toMatchObject({ code: 'E_OFFLINE', facts: { url } })
    await expect(lakitu.downloads.text(url, new AbortController().signal)).rejects.toMatchObject({
      code: 'E_OFFLINE',
      facts: { url },
    })
    expect([lab.http.asked, lab.has('.cache')]).toEqual([[], false])
  })

  it('what an address led to and is gone is named with its sum', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const { path } = await lab.lakitu().fetch(url)
    rmSync(path)
    await expect(lab.lakitu({ offline: true }).fetch(url)).rejects.toMatchObject({
      facts: { url, sha256: sum, size: '8 B', file: path },
    })
  })

  it('a folder that is kept is had, and is filled only where its function asked for that', async () => {
    const lab = await downloadsLab()
    const lakitu = lab.lakitu({ offline: true })
    const fill = async () => {}
    await expect(lakitu.keep('wheels/a', fill)).rejects.toMatchObject({ code: 'E_OFFLINE', family: 'world' })
    const path = await lakitu.keep('wheels/a', fill, true)
    expect(await lakitu.keep('wheels/a', fill)).toBe(path)
  })
})
