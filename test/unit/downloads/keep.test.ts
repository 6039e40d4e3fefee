import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { isKeptName } from '../../../src/downloads/keeping.ts'
import { downloadsLab } from '../../support/downloads.ts'

async function fill(folder: string): Promise<void> {
  mkdirSync(join(folder, 'sub', 'empty'), { recursive: true })
  writeFileSync(join(folder, 'a.whl'), 'a wheel')
  writeFileSync(join(folder, 'sub', 'b.whl'), 'b wheel')
  symlinkSync('a.whl', join(folder, 'latest'))
}

function counted() {
  const counter = { times: 0 }
  const filling = async (folder: string) => {
    counter.times += 1
    await fill(folder)
  }
  return { counter, filling }
}

it('a folder is filled once, whoever asks for it', async () => {
  const lab = await downloadsLab()
  const { counter, filling } = counted()
  const lakitu = lab.lakitu()
  const paths = await Promise.all([lakitu.keep('wheels/ab', filling), lakitu.keep('wheels/ab', filling)])
  paths.push(await lab.lakitu().keep('wheels/ab', filling))
  expect(new Set(paths).size).toBe(1)
  expect(counter.times).toBe(1)
  expect(readFileSync(join(paths[0] ?? '', 'sub/b.whl'), 'utf8')).toBe('b wheel')
  expect(lakitu.said).toEqual(['a-task: waiting for a-task, which gets the file too'])
})

it('one name may lie below another', async () => {
  const lab = await downloadsLab()
  const { counter, filling } = counted()
  for (const name of ['wheels', 'wheels/ab', 'wheels', 'wheels/ab']) await lab.lakitu().keep(name, filling)
  expect(counter.times).toBe(2)
})

it.each<[string, (folder: string) => void]>([
  ['a file is another one', (folder) => writeFileSync(join(folder, 'a.whl'), 'A wheel')],
  ['a file is gone', (folder) => rmSync(join(folder, 'sub/b.whl'))],
  ['a file came', (folder) => writeFileSync(join(folder, 'c.whl'), 'c wheel')],
  ['a folder is gone', (folder) => rmSync(join(folder, 'sub/empty'), { recursive: true })],
  [
    'a link leads elsewhere',
    (folder) => {
      rmSync(join(folder, 'latest'))
      symlinkSync('sub/b.whl', join(folder, 'latest'))
    },
  ],
  ['all is gone', (folder) => rmSync(folder, { recursive: true })],
  [
    'a file is in its place',
    (folder) => {
      rmSync(folder, { recursive: true })
      writeFileSync(folder, 'a file')
    },
  ],
])('a folder in which %s is filled anew, with a word', async (_what, damage) => {
  const lab = await downloadsLab()
  const { counter, filling } = counted()
  const folder = await lab.lakitu().keep('wheels/ab', filling)
  damage(folder)
  const lakitu = lab.lakitu()
  expect(await lakitu.keep('wheels/ab', filling)).toBe(folder)
  expect(counter.times).toBe(2)
  expect(lakitu.said.join()).toMatch(/wheels\/ab was damaged .* is thrown away/)
  await lab.lakitu().keep('wheels/ab', filling)
  expect(counter.times).toBe(2)
})

it('whoever finds it damaged looks again when it is alone: another one may have mended it, and use it', async () => {
  const lab = await downloadsLab()
  const { counter, filling } = counted()
  const folder = await lab.lakitu().keep('wheels/ab', filling)
  writeFileSync(join(folder, 'a.whl'), 'A wheel')
  const hash: typeof nodeDisk.hash = (path) => {
    const sum = nodeDisk.hash(path)
    if (path.endsWith('a.whl')) writeFileSync(path, 'a wheel')
    return sum
  }
  const lakitu = lab.lakitu({ disk: { hash } })
  expect(await lakitu.keep('wheels/ab', filling)).toBe(folder)
  expect(counter.times).toBe(1)
  expect(lakitu.said).toEqual([])
})

it('offline a damaged folder is told, and left to whoever may fill it', async () => {
  const lab = await downloadsLab()
  const folder = await lab.lakitu().keep('wheels/ab', fill)
  writeFileSync(join(folder, 'a.whl'), 'A wheel')
  const lakitu = lab.lakitu({ offline: true })
  await expect(lakitu.keep('wheels/ab', fill)).rejects.toMatchObject({ code: 'E_OFFLINE' })
  expect(lakitu.said.join()).toMatch(/wheels\/ab is damaged in the cache of downloads \(a\.whl\)/)
})

it('a folder without its manifest, or with one that is no JSON, is not there', async () => {
  const lab = await downloadsLab()
  const { counter, filling } = counted()
  await lab.lakitu().keep('box', filling)
  writeFileSync(lab.places.kept('box').manifest, Buffer.alloc(50))
  await lab.lakitu().keep('box', filling)
  expect(counter.times).toBe(2)
})

it('a function that fails leaves nothing, and the next that waits calls its own', async () => {
  const lab = await downloadsLab()
  const lakitu = lab.lakitu()
  const failing = lakitu.keep('box', async (folder) => {
    await fill(folder)
    throw new Error('no network')
  })
  const { counter, filling } = counted()
  const waiting = lakitu.keep('box', filling)
  await expect(failing).rejects.toThrow('no network')
  const full = lakitu.keep('other', async (folder) => {
    await fill(folder)
    throw new Error('no room')
  })
  await expect(full).rejects.toThrow('no room')
  expect(readdirSync(lab.places.kept('other').folder)).toEqual([])
  await waiting
  expect(counter.times).toBe(1)
  expect(readdirSync(lab.places.kept('box').folder).sort()).toEqual(['files', 'manifest.json'])
})

it('what a kill left is taken away by the next', async () => {
  const lab = await downloadsLab()
  const { folder } = lab.places.kept('box')
  // At each moment that a kill can come: staging, renamed but not said, and the manifest beside its place.
  for (const left of ['1234.new/half', 'files/half', 'manifest.json.12.new/half']) {
    mkdirSync(dirname(join(folder, left)), { recursive: true })
    writeFileSync(join(folder, left), 'half')
  }
  const files = await lab.lakitu().keep('box', fill)
  expect(readdirSync(folder).sort()).toEqual(['files', 'manifest.json'])
  expect(readdirSync(files).sort()).toEqual(['a.whl', 'latest', 'sub'])
})

it('a full disk while it is written down leaves nothing that is believed', async () => {
  const lab = await downloadsLab()
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
  const open: typeof nodeDisk.open = (path, how) => {
    if (path.includes('manifest.json')) throw full
    return nodeDisk.open(path, how)
  }
  await expect(lab.lakitu({ disk: { open } }).keep('box', fill)).rejects.toThrow('ENOSPC')
  const { counter, filling } = counted()
  await lab.lakitu().keep('box', filling)
  expect(counter.times).toBe(1)
})

it('a name is safe as a path', async () => {
  for (const name of ['a', 'wheels/ab12cd', 'apt/bookworm_amd64+x', '1.2']) expect(isKeptName(name), name).toBe(true)
  for (const name of [
    '',
    '/a',
    'a/',
    '../a',
    'a/../b',
    '.a',
    'a b',
    'a\\b',
    'a/files',
    'x.new',
    'ü',
    'a\n',
    'a'.repeat(300),
  ]) {
    expect(isKeptName(name), name).toBe(false)
  }
  const lab = await downloadsLab()
  await expect(lab.lakitu().keep('../a', fill)).rejects.toMatchObject({ code: 'E_KEPT_NAME', family: 'usage' })
})
