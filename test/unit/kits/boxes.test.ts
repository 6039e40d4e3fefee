import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pruneBoxes } from '../../../src/kits/vagrant/boxes.ts'
import { testFolder } from '../../support/folder.ts'

test('old boxes go, but not the current one, one in use, one of the last hour, or anybody else’s', async () => {
  const root = await testFolder()
  const boxes = join(root, 'boxes')
  const [old, current, used] = ['lakitu-aaaaaaaaaaaa', 'lakitu-bbbbbbbbbbbb', 'lakitu-cccccccccccc']
  for (const name of [old, current, used, 'bento-VAGRANTSLASH-debian-12'])
    mkdirSync(join(boxes, name), { recursive: true })
  mkdirSync(join(root, 'base', 'cccccccccccc'), { recursive: true })
  await pruneBoxes(boxes, current, join(root, 'base'))
  expect(readdirSync(boxes)).toContain(old)
  await pruneBoxes(boxes, current, join(root, 'base'), Date.now() + 7_200_000)
  expect(readdirSync(boxes).sort()).toEqual(['bento-VAGRANTSLASH-debian-12', current, used])
})
