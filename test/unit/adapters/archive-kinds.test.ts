import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { type Made, tarBlocks, tarGzOf, tarOf, zipOf } from '../../support/archive.ts'
import { testFolder } from '../../support/folder.ts'
import { expectRefused, refusal, unpack } from '../../support/unpacking.ts'

/** A tar with one file `a` that holds `1`, as `xz -9` packs it. */
const xz = {
  crc32:
    '/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Af/ADxdADCAM1AYaImDAdzibiEFRld82HMQMMfN+ws7iIAl1Yi+Le9s1MOxcaKs1LxH923626IDnZEL/57mCGTiAAANQIwcAAFUgBAAAAAxebW1PjANiwIAAAAAAVla',
  crc64:
    '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Af/ADxdADCAM1AYaImDAdzibiEFRld82HMQMMfN+ws7iIAl1Yi+Le9s1MOxcaKs1LxH923626IDnZEL/57mCGTiAABwewHBE7G1IwABWIAQAAAASrl3wrHEZ/sCAAAAAARZWg==',
  sha256:
    '/Td6WFoAAArh+wyhAgAhARwAAAAQz1jM4Af/ADxdADCAM1AYaImDAdzibiEFRld82HMQMMfN+ws7iIAl1Yi+Le9s1MOxcaKs1LxH923626IDnZEL/57mCGTiAAAYNyKWvVXxpXf0AWyrouJA7esb7ZvQjmffE2XA+jMGFgABcIAQAAAAET6IKbbp3xwCAAAAAApZWg==',
  /** Wants a dictionary of 128 MiB. */
  big: '/Td6WFoAAATm1rRGAgAhAR4AAACbB1Fm4Af/ADxdADCAM1AYaImDAdzibiEFRld82HMQMMfN+ws7iIAl1Yi+Le9s1MOxcaKs1LxH923626IDnZEL/57mCGTiAABwewHBE7G1IwABWIAQAAAASrl3wrHEZ/sCAAAAAARZWg==',
}
const packed = (name: keyof typeof xz) => Buffer.from(xz[name], 'base64')
const damage = (reason: string) => ({ code: 'E_ARCHIVE', facts: expect.objectContaining({ reason }) })
const one: readonly Made[] = [{ name: 'a', content: '1' }]
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2))
const flipped = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

test.each([
  ['tar.xz with CRC32', packed('crc32')],
  ['tar.xz with CRC64', packed('crc64')],
  ['tar.xz of two streams', Buffer.concat([packed('crc32'), packed('crc64')])],
  ['tar.zst', zstdCompressSync(tarOf(one))],
  ['tar.zst of two frames', Buffer.concat(halves(tarOf(one)).map((part) => zstdCompressSync(part)))],
  [
    'tar.zst after a frame to skip',
    Buffer.concat([Buffer.from('502a4d180400000061626364', 'hex'), zstdCompressSync(tarOf(one))]),
  ],
  ['tar.gz of two members', Buffer.concat(halves(tarOf(one)).map((part) => gzipSync(part)))],
  ['tar.gz with zeros behind it', Buffer.concat([tarGzOf(one), Buffer.alloc(4096)])],
  ['tar with zeros behind it', Buffer.concat([tarOf(one), Buffer.alloc(10_240)])],
  ['tar with garbage behind its end, as tar does', Buffer.concat([tarOf(one), Buffer.from('garbage'.repeat(500))])],
])('%s is unpacked', async (_what, bytes) => {
  const { unpacked, to } = await unpack(bytes)
  expect(await unpacked).toEqual([join(to, 'a')])
  expect(await readFile(join(to, 'a'), 'utf8')).toBe('1')
})

function halves(bytes: Buffer): readonly Buffer[] {
  return [bytes.subarray(0, 700), bytes.subarray(700)]
}

test.each<readonly [string, Buffer, string]>([
  ['xz that is cut short', half(packed('crc64')), 'it is cut short (xz)'],
  ['xz whose sum is wrong', flipped(packed('crc64'), packed('crc64').length - 40), 'it is damaged (xz)'],
  [
    'xz with a sum that cannot be checked here',
    packed('sha256'),
    'it is packed in a way that cannot be unpacked here (xz with SHA-256 or with a filter for programs): pack it without',
  ],
  ['xz that asks for 128 MiB', packed('big'), 'it needs more memory to unpack than the 64 MiB that xz -9 does'],
  ['zstd that is cut short', half(zstdCompressSync(tarOf(one))), 'unexpected end of file'],
  ['zstd that asks for 2 GiB', Buffer.from('28b52ffd00a8010000', 'hex'), 'Frame requires too much memory for decoding'],
  ['gzip that is cut short', half(tarGzOf(one)), 'unexpected end of file'],
  ['gzip whose sum is wrong', flipped(tarGzOf(one), tarGzOf(one).length - 8), 'incorrect data check'],
  ['gzip of gzip', gzipSync(tarGzOf(one)), 'it is packed twice'],
  ['tar without its end', Buffer.concat(one.flatMap(tarBlocks)), 'it ends without its closing blocks'],
  [
    'tar cut in a header',
    Buffer.concat(one.flatMap(tarBlocks)).subarray(0, 1200),
    'it ends without its closing blocks',
  ],
])('%s is refused', async (_what, bytes, reason) => {
  await expectRefused(bytes, damage(reason))
})

test('gzip of what is no tar is refused', async () => {
  await expectRefused(gzipSync(Buffer.from('a log file\n'.repeat(500))), { code: 'E_ARCHIVE' })
})

test.each<readonly [string, readonly Made[], string]>([
  [
    'an old sparse file',
    [{ name: 's', type: 'S', content: 'x' }],
    'it is neither file, folder nor link, but SparseFile',
  ],
  [
    'a sparse file of pax',
    [{ name: 's', pax: ['GNU.sparse.major=1'], content: 'x' }],
    'it is a file with holes (sparse)',
  ],
  ['a type nobody knows', [{ name: 's', type: 'Z' }], 'it is neither file, folder nor link, but Unsupported'],
  ['a link with content', [...one, { name: 'l', hardLink: 'a', content: 'x' }], 'it has content and is no file'],
  [
    'a hard link to a link',
    [...one, { name: 'l', link: 'a' }, { name: 'h', hardLink: 'l' }],
    'it is a hard link to a link',
  ],
  [
    'a hard link to what comes later',
    [{ name: 'h', hardLink: 'a' }, ...one],
    'it links to no member that came before it',
  ],
  ['a name that is no UTF-8', [{ name: 'x', rawName: Buffer.from('caf\xe9', 'latin1') }], 'its name is no UTF-8'],
  ['a size in pax that is none', [{ name: 'x', pax: ['size=0x10'], content: 'x' }], 'its size is no number'],
])('a tar with %s is refused', async (_what, members, why) => {
  await expectRefused(tarOf(members), { message: refusal(why) })
})

test('a size in base 256 is a size', async () => {
  const sizeField = Buffer.from('800000000000000000000003', 'hex')
  const { unpacked, to } = await unpack(tarOf([{ name: 'a', content: 'abc', sizeField }]))
  await unpacked
  expect(await readFile(join(to, 'a'), 'utf8')).toBe('abc')
})

test.each(['v7', 'ustar', 'oldgnu', 'gnu', 'pax'])(
  'what tar itself makes (%s) is unpacked, long names and links too',
  async (format) => {
    const folder = await testFolder()
    const deep = format === 'v7' ? 'short' : `${'d'.repeat(90)}/${'e'.repeat(60)}`
    await mkdir(join(folder, 'in', deep), { recursive: true })
    await writeFile(join(folder, 'in', deep, 'café'), 'long')
    await symlink('café', join(folder, 'in', deep, 'link'))
    await truncate(join(folder, 'in', deep, 'café'), 200_000)
    const tar = spawnSync('tar', ['-C', join(folder, 'in'), `--format=${format}`, '-cf', join(folder, 'a.tar'), '.'])
    expect(tar.stderr.toString()).toBe('')
    const { unpacked, to } = await unpack(await readFile(join(folder, 'a.tar')))
    expect(await unpacked).toHaveLength(2)
    expect((await stat(join(to, deep, 'link'))).size).toBe(200_000)
  },
)

test('modes are those of the archive whatever the umask is, without setuid, and the owner may always read', async () => {
  const before = process.umask(0o077)
  onTestFinished(() => void process.umask(before))
  const members: readonly Made[] = [
    { name: 'tool', mode: 0o6775, content: 'x' },
    { name: 'big', mode: 0o664, content: Buffer.alloc(600_000) },
    { name: 'closed', mode: 0o000, content: 'x' },
    { name: 'folder/', mode: 0o1777 },
    { name: 'implied/file', mode: 0o644, content: 'x' },
  ]
  for (const make of [tarOf, zipOf]) {
    const { unpacked, to } = await unpack(make(members))
    await unpacked
    const modes = await Promise.all(
      (await readdir(to)).sort().map(async (name) => [name, (await stat(join(to, name))).mode & 0o7777]),
    )
    expect(Object.fromEntries(modes)).toEqual({ big: 0o664, closed: 0o600, folder: 0o777, implied: 0o755, tool: 0o775 })
    expect((await stat(to)).mode & 0o7777).toBe(0o755)
  }
})
