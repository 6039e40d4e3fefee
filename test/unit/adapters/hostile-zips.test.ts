import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Made, zipOf } from '../../support/archive.ts'
import { expectRefused, refusal, unpack } from '../../support/unpacking.ts'

test.each<readonly [string, Made, string]>([
  ['zip-slip', { name: '../../secret', content: 'hacked' }, 'its name leaves the folder'],
  ['zip-slip deep in a path', { name: 'a/b/../../../../secret', content: 'hacked' }, 'its name leaves the folder'],
  ['zip-slip of Windows', { name: '..\\..\\secret', content: 'hacked' }, 'its name leaves the folder'],
  ['an absolute path', { name: '/tmp/lakitu-hacked', content: 'x' }, 'its name is absolute'],
  ['a drive', { name: 'C:\\hacked', content: 'x' }, 'its name is absolute'],
  ['a share (UNC)', { name: '\\\\host\\share\\x', content: 'x' }, 'its name is absolute'],
  ['a backslash', { name: 'a\\b', content: 'x' }, 'its name holds a backslash'],
  ['a NUL', { name: 'a\0b', content: 'x' }, 'its name holds a NUL'],
  ['a link that leaves', { name: 'l', link: '../../secret' }, 'it is a link that leaves the folder'],
  ['a folder with content', { name: 'f/', content: 'x' }, 'it has content and is no file'],
  ['a link longer than a path', { name: 'l', link: 'x'.repeat(5000) }, 'its link is too long'],
  ['a name too long for the disk', { name: 'n'.repeat(300), content: 'x' }, 'its name is too long for this disk'],
  [
    'another name in its own header',
    { name: 'good', content: 'x', own: { name: 'evil' } },
    'its own header says another name or method than the directory',
  ],
  [
    'another method in its own header',
    { name: 'good', content: 'x', own: { method: 0 } },
    'its own header says another name or method than the directory',
  ],
  [
    'another size in its own header',
    { name: 'good', content: 'x', own: { size: 5 } },
    'its own header says another size or checksum than the directory',
  ],
  [
    'another checksum in its own header',
    { name: 'good', content: 'x', own: { sum: 5 } },
    'its own header says another size or checksum than the directory',
  ],
  ['more than it says', { name: 'a', content: 'x'.repeat(500), size: 3 }, 'it is not as big as it says (3 bytes)'],
  [
    'so much more than it says that it would be a bomb',
    { name: 'a', content: Buffer.alloc(70 << 20), size: 1 << 20 },
    'it is not as big as it says (1048576 bytes)',
  ],
  ['less than it says', { name: 'a', content: 'xyz', size: 500 }, 'it is not as big as it says (500 bytes)'],
  [
    'much more than it says',
    { name: 'a', content: Buffer.alloc(3 << 20), size: 1 << 20 },
    'it is not as big as it says (1048576 bytes)',
  ],
  [
    'much less than it says',
    { name: 'a', content: Buffer.alloc(1 << 20), size: 3 << 20 },
    'it is not as big as it says (3145728 bytes)',
  ],
])('a zip with %s is refused', async (_what, member, why) => {
  await expectRefused(zipOf([{ name: 'first', content: 'x' }, member]), { message: refusal(why) })
})

test('a name that is no UTF-8 is refused', async () => {
  const zip = zipOf([{ name: 'caf__', content: 'x' }])
  for (let at = zip.indexOf('caf__'); at >= 0; at = zip.indexOf('caf__')) zip.write('caf\xe9_', at, 'latin1')
  await expectRefused(zip, { message: refusal('its name is no UTF-8') })
})

test('members that lie over each other are refused before anything is written: a bomb of many times the same', async () => {
  const zip = zipOf([
    { name: 'a', content: 'x'.repeat(5000) },
    { name: 'b', content: 'x'.repeat(5000) },
  ])
  const record = zip.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'))
  zip.writeUInt32LE(0, record + 42)
  for (const options of [{}, { member: 'b' }]) {
    await expectRefused(zip, { message: refusal('it lies over another member, or beyond the end') }, options)
  }
})

test.each<readonly [string, Made, string]>([
  ['encrypted', { name: 'a', content: 'x', flags: 1 }, 'a: it is encrypted'],
  ['strongly encrypted', { name: 'a', content: 'x', flags: 0x40 }, 'strong encryption is not supported'],
  [
    'packed with bzip2',
    { name: 'a', content: 'x', method: 12 },
    'a: it is packed with method 12; only 0 (stored) and 8 (deflate) can be read',
  ],
])('a zip that is %s says so', async (_what, member, reason) => {
  const error = { code: 'E_ARCHIVE', facts: expect.objectContaining({ reason }) }
  await expectRefused(zipOf([member]), error)
})

test('sizes that follow the content are those of the directory', async () => {
  const { unpacked, to } = await unpack(zipOf([{ name: 'a', content: 'abc', flags: 8, own: { size: 0, sum: 0 } }]))
  await unpacked
  expect(await readFile(join(to, 'a'), 'utf8')).toBe('abc')
})

test('a comment that looks like another directory is no way to hide what is unpacked', async () => {
  const good = zipOf([{ name: 'good', content: 'x' }])
  const comment = Buffer.concat([Buffer.from('fake: '), zipOf([]), Buffer.from('tail')])
  good.writeUInt16LE(comment.length, good.length - 2)
  await expectRefused(Buffer.concat([good, comment]), { code: 'E_ARCHIVE' })
})

test('a plain comment does no harm, and what stands before a zip (self-extracting) is told', async () => {
  const good = zipOf([{ name: 'good', content: 'x' }])
  good.writeUInt16LE(5, good.length - 2)
  const { unpacked } = await unpack(Buffer.concat([good, Buffer.from('hello')]))
  expect(await unpacked).toHaveLength(1)
  const prepended = Buffer.concat([Buffer.from('#!/bin/sh\nexec unzip "$0"\n'), zipOf([{ name: 'good' }])])
  await expectRefused(prepended, {
    code: 'E_ARCHIVE',
    facts: expect.objectContaining({ reason: 'it begins like no kind of archive that is known' }),
  })
})

test('one member is refused, too, where it is there twice: nobody can tell which one is meant', async () => {
  for (const size of [10, 600_000]) {
    const twice = zipOf([
      { name: 'a', content: 'x'.repeat(size) },
      { name: 'a', content: 'y'.repeat(size) },
    ])
    const { unpacked, left } = await unpack(twice, { member: 'a' })
    await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_UNSAFE', facts: { member: 'a' } })
    expect(await left()).toEqual([])
  }
})
