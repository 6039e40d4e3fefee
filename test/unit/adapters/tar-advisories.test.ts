import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Made, tarBlocks, tarGzOf, tarOf } from '../../support/archive.ts'
import { expectRefused, refusal, unpack } from '../../support/unpacking.ts'

/** Each published advisory of node-tar that is about unpacking, as an archive made by hand. */
interface Attack {
  readonly advisory: string
  readonly about: string
  readonly members: readonly Made[]
  readonly why: string
}

const twice = 'another member has the same name on this disk, or stands in its way'

const attacks: readonly Attack[] = [
  {
    advisory: 'CVE-2015-8860',
    about: 'a file is written through a link that leaves',
    members: [
      { name: 'out', link: '../..' },
      { name: 'out/secret', content: 'hacked' },
    ],
    why: twice,
  },
  {
    advisory: 'CVE-2018-20834',
    about: 'a hard link to a file outside is overwritten by a file of its name',
    members: [
      { name: 'x', hardLink: '../../secret' },
      { name: 'x', content: 'hacked' },
    ],
    why: 'its name leaves the folder',
  },
  {
    advisory: 'CVE-2021-32803',
    about: 'a folder that is known to be there is exchanged for a link',
    members: [{ name: 'd/' }, { name: 'd', link: '../..' }, { name: 'd/secret', content: 'hacked' }],
    why: twice,
  },
  {
    advisory: 'CVE-2021-32804',
    about: 'of several leading slashes one is left',
    members: [{ name: '////tmp/lakitu-hacked', content: 'hacked' }],
    why: 'its name is absolute',
  },
  {
    advisory: 'CVE-2021-37701',
    about: 'a folder is exchanged for a link under a name with a backslash',
    members: [{ name: 'a\\b/' }, { name: 'a\\b', link: '../..' }, { name: 'a\\b/secret', content: 'hacked' }],
    why: 'its name holds a backslash',
  },
  {
    advisory: 'CVE-2021-37713',
    about: 'a name begins at the working folder of another drive',
    members: [{ name: 'C:../../secret', content: 'hacked' }],
    why: 'its name is absolute',
  },
  {
    advisory: 'CVE-2026-23745',
    about: 'a link leads to an absolute path',
    members: [
      { name: 'l', link: '/tmp' },
      { name: 'other', content: 'x' },
    ],
    why: 'it is a link to an absolute path',
  },
  {
    advisory: 'CVE-2026-23745',
    about: 'a hard link leads to an absolute path',
    members: [{ name: 'h', hardLink: '/etc/hostname' }],
    why: 'its name is absolute',
  },
  {
    advisory: 'CVE-2026-24842',
    about: 'a hard link leaves, seen from the root and not from its own folder',
    members: [{ name: 'a/b/c/h', hardLink: 'a/../../../secret' }],
    why: 'its name leaves the folder',
  },
  {
    advisory: 'CVE-2026-26960',
    about: 'a hard link leaves through a chain of links',
    members: [
      { name: 'a/b/c/up', link: '../..' },
      { name: 'a/b/escape', link: 'c/up/../..' },
      { name: 'exfil', hardLink: 'a/b/escape/secret' },
    ],
    why: 'it links to no member that came before it',
  },
  {
    advisory: 'CVE-2026-29786',
    about: 'a hard link leads to the working folder of a drive',
    members: [{ name: 'h', hardLink: 'C:../../secret' }],
    why: 'its name is absolute',
  },
  {
    advisory: 'CVE-2026-31802',
    about: 'a link leads to the working folder of a drive',
    members: [
      { name: 'C:x', link: 'C:../../secret' },
      { name: 'l', link: 'C:../../../secret' },
    ],
    why: 'its name is absolute',
  },
  {
    advisory: 'CVE-2026-31802',
    about: 'only the target of a link names a drive',
    members: [{ name: 'l', link: 'C:../../secret' }],
    why: 'it is a link to what is no relative path everywhere',
  },
  {
    advisory: 'CVE-2026-59875',
    about: 'a NUL in the path of a pax header',
    members: [{ name: 'good', pax: ['path=good\0/../../secret'], content: 'x' }],
    why: 'its name holds a NUL',
  },
  {
    advisory: 'CVE-2026-59875',
    about: 'a NUL in the link of a pax header',
    members: [{ name: 'l', link: 'x', pax: ['linkpath=good\0'] }],
    why: 'its name holds a NUL',
  },
  {
    advisory: 'CVE-2026-53655',
    about: 'a pax header that others read in another way',
    members: [{ name: 'good', pax: [[12, 'path=hidden/by/its/length']], content: 'x' }],
    why: 'the length of its pax header is wrong',
  },
]

test.each(attacks)('$advisory: $about', async ({ members, why }) => {
  for (const make of [tarOf, tarGzOf]) {
    await expectRefused(make([{ name: 'good/file', content: 'x' }, ...members]), { message: refusal(why) })
  }
  expect(existsSync('/tmp/lakitu-hacked')).toBe(false)
})

// On a disk that takes ß and ss, or two forms of é, for one name: see unpack-folding.test.ts.
test.each([
  ['CVE-2021-37712', 'caf\u00e9', 'cafe\u0301'],
  ['CVE-2026-23950', 'ß', 'ss'],
])('%s: nothing is written through a link, whatever its name looks like', async (_advisory, link, folder) => {
  const members = [
    { name: link, link: '../..' },
    { name: `${folder}/secret`, content: 'hacked' },
  ]
  await expectRefused(tarOf(members), { message: refusal('it is a link that leaves the folder') })
})

test('CVE-2024-28863: a path of thousands of folders is refused at once', async () => {
  const deep = `${'a/'.repeat(100_000)}b`
  await expectRefused(tarOf([{ name: 'x', pax: [`path=${deep}`], content: 'x' }]), {
    message: refusal('its name is too long'),
  })
})

test('CVE-2026-53655: the size of a pax header counts for the file and not for the long name between them', async () => {
  const blocks = [
    ...tarBlocks({ name: '-', pax: ['size=3'] }).slice(0, 3),
    ...tarBlocks({ name: '././@LongLink', type: 'L', content: `${'n'.repeat(120)}\0` }),
    ...tarBlocks({ name: 'short', content: 'abc' }),
  ]
  const { unpacked, to } = await unpack(Buffer.concat([...blocks, Buffer.alloc(1024)]))
  expect(await unpacked).toEqual([join(to, 'n'.repeat(120))])
  expect(await readFile(join(to, 'n'.repeat(120)), 'utf8')).toBe('abc')
})

test('CVE-2026-59873: a bomb ends at its ratio, long before the disk is full', async () => {
  const zeros = Buffer.alloc(80 << 20)
  await expectRefused(gzipSync(tarOf([{ name: 'zeros', content: zeros }])), {
    message: 'An archive must not be unpacked: it unpacks to more than 200 times its own size',
  })
})

test('CVE-2026-59874: a size below zero is damage, and no endless loop', async () => {
  const { unpacked, left } = await unpack(
    tarOf([{ name: 'a', content: 'x'.repeat(600), sizeField: Buffer.from('ff'.repeat(12), 'hex') }]),
  )
  await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE' })
  expect(await left()).toEqual([])
})

test('CVE-2026-59871: a number is a name', async () => {
  const { unpacked, to } = await unpack(tarOf([{ name: 'x', pax: ['path=123'], content: 'x' }]))
  expect(await unpacked).toEqual([join(to, '123')])
})

test('GHSA-r292-9mhp-454m: a long path is no recursion where one member is taken', async () => {
  const members = [{ name: 'x', pax: [`path=${'a/'.repeat(100_000)}b`] }, { name: 'wanted' }]
  await expectRefused(tarOf(members), { message: refusal('its name is too long') }, { member: 'wanted' })
})
