import { expect, test } from 'vitest'
import { tarGzOf, tarOf, zipOf } from '../../support/archive.ts'
import { expectRefused, unpack } from '../../support/unpacking.ts'

const head = 'An archive must not be unpacked: '
const three = ['a', 'b', 'c'].map((name) => ({ name, content: name.repeat(10_000) }))

test.each([
  ['zip', zipOf],
  ['tar', tarOf],
  ['tar.gz', tarGzOf],
])('%s: size, members and ratio have limits, which can be set', async (_kind, make) => {
  await expectRefused(make(three), { message: `${head}it unpacks to more than 20 kB` }, { maxSize: 20_000 })
  await expectRefused(make(three), { message: `${head}it holds more than 2 members` }, { maxMembers: 2 })
  expect(await (await unpack(make(three), { maxSize: 40_000, maxMembers: 3 })).unpacked).toHaveLength(3)
})

test('zeros beyond 64 MiB are a bomb by their ratio, and none where more is allowed', async () => {
  const zip = zipOf([{ name: 'zeros', content: Buffer.alloc(70 << 20) }])
  const message = `${head}it unpacks to more than 200 times its own size`
  await expectRefused(zip, { message })
  await expectRefused(zip, { message }, { member: 'zeros' })
  expect(await (await unpack(zip, { maxRatio: 2000 })).unpacked).toHaveLength(1)
})

test('a size that is only announced is not waited for', async () => {
  const sizeField = Buffer.from('800000000000100000000000', 'hex')
  await expectRefused(tarOf([{ name: 'huge', content: 'x', sizeField }]), {
    message: `${head}it unpacks to more than 8.6 GB`,
  })
})
