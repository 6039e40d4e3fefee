import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { replaceFile } from '../../../src/state/replace.ts'
import { testFolder } from '../../support/folder.ts'

it('a file is replaced also when its folder is taken away in the middle of it', async () => {
  const root = await testFolder()
  let gone = 0
  const disk: Disk = {
    ...nodeDisk,
    rename: (from, to) => {
      gone += 1
      if (gone === 1) rmSync(join(root, '.cache'), { recursive: true })
      nodeDisk.rename(from, to)
    },
  }
  replaceFile(disk, join(root, '.cache', 'journal'), 'whole', { durable: true })
  expect(readFileSync(join(root, '.cache', 'journal'), 'utf8')).toBe('whole')
  expect(readdirSync(join(root, '.cache'))).toEqual(['journal'])
})

it.each([
  ['ENOENT', 3],
  ['ENOSPC', 1],
])(
  'a file that cannot be replaced (%s) is tried %i times, stays as it was, and nothing is left beside it',
  async (code, tries) => {
    const root = await testFolder()
    const path = join(root, 'journal')
    replaceFile(nodeDisk, path, 'old')
    let tried = 0
    const rename = () => {
      tried += 1
      throw Object.assign(new Error('not now'), { code })
    }
    expect(() => replaceFile({ ...nodeDisk, rename }, path, 'new')).toThrow('not now')
    expect([tried, readFileSync(path, 'utf8'), readdirSync(root)]).toEqual([tries, 'old', ['journal']])
  },
)

it('bytes are taken as they are, and are on the disk itself only where that is asked for', async () => {
  const root = await testFolder()
  const bytes = Buffer.from([0, 0xff, 0x80])
  const synced: string[] = []
  const disk: Disk = { ...nodeDisk, syncFolder: (path) => void synced.push(path) }
  replaceFile(disk, join(root, 'key'), bytes)
  expect([readFileSync(join(root, 'key')), synced]).toEqual([bytes, []])
  replaceFile(disk, join(root, 'key'), bytes, { durable: true })
  expect(synced).toEqual([root])
})
