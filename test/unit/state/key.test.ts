import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { makeKey, readKey } from '../../../src/state/key.ts'
import { testFolder } from '../../support/folder.ts'

it('the key of the secrets is made once, is on the disk itself, and is for its owner alone', async () => {
  const root = await testFolder()
  expect(readKey(nodeDisk, root)).toBeUndefined()
  const synced: string[] = []
  const disk = {
    ...nodeDisk,
    syncFolder: (path: string) => {
      synced.push(path)
      nodeDisk.syncFolder(path)
    },
  }
  const key = makeKey(disk, root)
  expect([key.length, synced]).toEqual([32, [root]])
  expect(readKey(nodeDisk, root)).toEqual(key)
  expect(statSync(join(root, 'key')).mode & 0o777).toBe(0o600)
  expect(makeKey(nodeDisk, root)).not.toEqual(key)
})

it('one that was cut off is none', async () => {
  const root = await testFolder()
  makeKey(nodeDisk, root)
  truncateSync(join(root, 'key'), 31)
  expect(readKey(nodeDisk, root)).toBeUndefined()
})
