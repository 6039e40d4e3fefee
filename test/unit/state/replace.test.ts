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
