import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { makeFolder } from '../../../src/state/folders.ts'
import { testFolder } from '../../support/folder.ts'

it('a folder is made with all above it, for its owner alone where that is asked for', async () => {
  const root = await testFolder()
  makeFolder(nodeDisk, join(root, 'a/b'), 0o700)
  expect([statSync(join(root, 'a')).mode & 0o777, statSync(join(root, 'a/b')).mode & 0o777]).toEqual([0o700, 0o700])
})

it('one that is there already is no error', async () => {
  const root = await testFolder()
  mkdirSync(join(root, 'a'))
  makeFolder(nodeDisk, join(root, 'a'))
})

it.each(['in', 'in/the', 'in/the/way'])('what is no folder where one has to be is named: %s', async (file) => {
  const root = await testFolder()
  mkdirSync(join(root, file, '..'), { recursive: true })
  writeFileSync(join(root, file), 'mine')
  expect(() => makeFolder(nodeDisk, join(root, 'in/the/way'))).toThrow(
    expect.objectContaining({
      code: 'E_IN_THE_WAY',
      message: `${join(root, file)} is no folder, and one is to be there`,
    }),
  )
})

it('another refusal of the disk stays what it is', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  const disk = {
    ...nodeDisk,
    makeFolder: () => {
      throw full
    },
  }
  expect(() => makeFolder(disk, '/x')).toThrow(full)
})
