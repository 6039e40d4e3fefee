import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/util/digest.ts'
import { downloadsLab } from '../../support/downloads.ts'

const url = 'https://files.example/tool.zip'

describe('a download with a sum', () => {
  it('is transferred once, and had without a request from then on', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const to = lab.path('bin/tool')
    const first = await lab.lakitu().fetch(url, { sha256: sum, to })
    expect(first).toEqual({ path: to, size: 8, sha256: sum, from: 'network' })
    const second = await lab.lakitu().fetch(url, { sha256: sum, to: lab.path('other/tool') })
    expect(second.from).toBe('cache')
    expect([lab.read('bin/tool'), lab.read('other/tool')]).toEqual(['the tool', 'the tool'])
    expect(lab.http.asked).toEqual([url])
  })

  it('is had from another address too', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    await lab.lakitu().fetch(url, { sha256: sum })
    expect((await lab.lakitu().fetch('https://mirror.example/x', { sha256: sum })).from).toBe('cache')
  })

  it('is a read-only file in the cache where no place is named', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    for (const from of ['network', 'cache']) {
      const had = await lab.lakitu().fetch(url, { sha256: sum })
      expect(had).toMatchObject({ from, path: lab.places.content(sum) })
      expect(statSync(had.path).mode & 0o777).toBe(0o444)
    }
  })

  it('that was damaged in the cache is thrown away with a word, and fetched again', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    for (const to of [undefined, lab.path('bin/tool')]) {
      const { path } = await lab.lakitu().fetch(url, { sha256: sum })
      damage(path, 'THE tool')
      const lakitu = lab.lakitu()
      const had = await lakitu.fetch(url, { sha256: sum, ...(to === undefined ? {} : { to }) })
      expect(had.from).toBe('network')
      expect(readFileSync(had.path, 'utf8')).toBe('the tool')
      expect(lakitu.said).toEqual(['a-task: the file was damaged in the cache of downloads and is thrown away'])
    }
  })

  it('that is not what the server has is an error, of which nothing is left', async () => {
    const lab = await downloadsLab()
    lab.http.serve(url, 'another tool')
    const sum = sha256('the tool')
    await expect(lab.lakitu().fetch(url, { sha256: sum, to: lab.path('bin/tool') })).rejects.toMatchObject({
      code: 'E_WRONG_SUM',
    })
    expect([lab.has('bin/tool'), readdirSync(lab.places.partials)]).toEqual([false, []])
  })

  it('may lie in the cache because somebody put it there', async () => {
    const lab = await downloadsLab()
    const sum = sha256('brought by hand')
    mkdirSync(dirname(lab.places.content(sum)), { recursive: true })
    writeFileSync(lab.places.content(sum), 'brought by hand')
    expect((await lab.lakitu().fetch(url, { sha256: sum })).from).toBe('cache')
    const wrong = lab.lakitu().fetch(url, { sha256: sum, size: 3, to: lab.path('it') })
    await expect(wrong).rejects.toMatchObject({ code: 'E_WRONG_SIZE' })
    expect(lab.has('it')).toBe(false)
  })

  it.each<[string, (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path, { recursive: true })],
    ['a link', (path) => symlinkSync('/etc/hostname', path)],
    ['zeros', (path) => writeFileSync(path, Buffer.alloc(100))],
  ])('finds its way where %s is in its place, and in the place of what is known of it', async (_what, put) => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const { places } = lab
    for (const path of [places.content(sum), places.entry(sum), places.address(url), places.partial(sum)]) {
      mkdirSync(dirname(path), { recursive: true })
      put(path)
    }
    put(`${places.partial(sum)}.json`)
    expect(await lab.lakitu().fetch(url, { sha256: sum })).toMatchObject({ from: 'network' })
    expect(readFileSync(places.content(sum), 'utf8')).toBe('the tool')
    expect(readFileSync('/etc/hostname', 'utf8')).not.toContain('tool')
  })
})

describe('a download without a sum', () => {
  it('is compared with what the server has, and transferred where that is another one', async () => {
    const lab = await downloadsLab()
    lab.http.serve(url, 'one')
    expect((await lab.lakitu().fetch(url)).from).toBe('network')
    expect((await lab.lakitu().fetch(url)).from).toBe('cache')
    const sum = lab.http.serve(url, 'two')
    expect(await lab.lakitu().fetch(url, { to: lab.path('it') })).toMatchObject({ from: 'network', sha256: sum })
    expect(lab.read('it')).toBe('two')
    expect([lab.http.asked.length, lab.http.transfers.length]).toEqual([3, 2])
  })

  it('is transferred where what is unchanged was damaged here', async () => {
    const lab = await downloadsLab()
    lab.http.serve(url, 'one')
    const { path } = await lab.lakitu().fetch(url)
    damage(path, 'eno')
    const had = await lab.lakitu().fetch(url)
    expect([had.from, readFileSync(had.path, 'utf8')]).toEqual(['network', 'one'])
  })

  it('is transferred by one request where what it led to was evicted', async () => {
    const lab = await downloadsLab()
    lab.http.serve(url, 'one')
    const { path } = await lab.lakitu().fetch(url)
    rmSync(path)
    expect((await lab.lakitu().fetch(url)).from).toBe('network')
    expect(lab.http.asked.length).toBe(2)
  })

  it('gets its place in the cache also where a folder is', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'one')
    mkdirSync(join(lab.places.content(sum), 'full'), { recursive: true })
    expect(readFileSync((await lab.lakitu().fetch(url)).path, 'utf8')).toBe('one')
  })

  it('has two contents under two sums, each right for who names it', async () => {
    const lab = await downloadsLab()
    const one = lab.http.serve(url, 'one')
    await lab.lakitu().fetch(url, { sha256: one })
    const two = lab.http.serve(url, 'two')
    await lab.lakitu().fetch(url, { sha256: two })
    expect(await lab.lakitu().fetch(url, { sha256: one })).toMatchObject({ from: 'cache', sha256: one })
    expect(await lab.lakitu().fetch(url)).toMatchObject({ from: 'cache', sha256: two })
  })
})

it('no password of an address, and no secret, stands in a file of the cache', async () => {
  const lab = await downloadsLab()
  const secret = 'https://me:swordfish@files.example/hunter2/tool?ticket=sesame'
  lab.http.serve(secret, 'the tool')
  await lab.lakitu().fetch(secret)
  const names = readdirSync(lab.places.folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  expect(texts).toContain('https://files.example/***/tool?…')
  for (const word of ['swordfish', 'hunter2', 'sesame']) expect(texts).not.toContain(word)
})

function damage(path: string, text: string): void {
  chmodSync(path, 0o644)
  writeFileSync(path, text)
}
