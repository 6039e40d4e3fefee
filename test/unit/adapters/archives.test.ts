import { lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { archives } from '../../../src/adapters/archives/archives.ts'
import type { UnpackRequest } from '../../../src/ports/archive.ts'
import { type Made, tarGzOf, tarOf, zipOf } from '../../support/archive.ts'
import { testFolder } from '../../support/folder.ts'

const { signal } = new AbortController()
const release: readonly Made[] = [
  { name: 'LICENSE.txt', content: 'free' },
  { name: 'bin/', mode: 0o755 },
  { name: 'bin/tool', content: 'x'.repeat(200_000), mode: 0o755 },
  { name: 'bin/alias', link: 'tool' },
  { name: 'empty', content: '' },
]

async function unpack(content: Uint8Array, options: Partial<UnpackRequest> = {}) {
  const folder = await testFolder()
  const archive = join(folder, 'archive')
  await writeFile(archive, content)
  const to = join(folder, 'to')
  const unpacked = archives.unpack({ archive, to, signal, ...options })
  return { unpacked, folder, to, left: async () => (await readdir(folder)).filter((name) => name !== 'archive') }
}

describe.each([
  ['zip', zipOf],
  ['tar', tarOf],
  ['tar.gz', tarGzOf],
])('%s', (_kind, make) => {
  test('is unpacked whole, with modes and links', async () => {
    const { unpacked, to, left } = await unpack(make(release))
    const names = ['LICENSE.txt', 'bin/tool', 'bin/alias', 'empty']
    expect(await unpacked).toEqual(names.map((name) => join(to, name)))
    expect(await readFile(join(to, 'LICENSE.txt'), 'utf8')).toBe('free')
    expect((await stat(join(to, 'bin/tool'))).mode & 0o111).toBe(0o111)
    expect((await stat(join(to, 'LICENSE.txt'))).mode & 0o111).toBe(0)
    expect(await readlink(join(to, 'bin/alias'))).toBe('tool')
    expect((await stat(join(to, 'empty'))).size).toBe(0)
    expect(await left()).toEqual(['to'])
  })

  test('gives one member under the name and with the mode that are asked for', async () => {
    const { unpacked, to, left } = await unpack(make(release), { member: 'LICENSE.txt', mode: 0o700 })
    expect(await unpacked).toEqual([to])
    expect(await readFile(to, 'utf8')).toBe('free')
    expect((await lstat(to)).mode & 0o777).toBe(0o700)
    expect(await left()).toEqual(['to'])
  })

  test('without the member says what it holds', async () => {
    const { unpacked, left } = await unpack(make(release), { member: 'consul' })
    await expect(unpacked).rejects.toMatchObject({
      code: 'E_ARCHIVE_MEMBER',
      message: 'There is no consul in the archive',
      facts: { holds: 'LICENSE.txt, bin/tool and empty' },
    })
    expect(await left()).toEqual([])
  })

  test('cut short anywhere is refused, and nothing is left', async () => {
    const whole = make(release)
    // The last 512 of a plain tar are the second of its closing blocks.
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      const { unpacked, left } = await unpack(whole.subarray(0, Math.floor((whole.length - 512) * share)))
      await expect(unpacked, `${share}`).rejects.toMatchObject({ code: 'E_ARCHIVE' })
      expect(await left()).toEqual([])
    }
  })

  test.each<readonly [string, readonly Made[]]>([
    ['a name with ..', [{ name: 'a/../../evil', content: 'x' }]],
    ['an absolute name', [{ name: '/tmp/lakitu-evil', content: 'x' }]],
    ['a drive letter', [{ name: 'C:evil', content: 'x' }]],
    ['a backslash', [{ name: '..\\evil', content: 'x' }]],
    ['a link to an absolute path', [{ name: 'l', link: '/etc/passwd' }]],
    ['a link that leaves', [{ name: 'l', link: '../archive' }]],
    ['a link that leads nowhere', [{ name: 'l', link: 'gone' }]],
    [
      'a file through a link',
      [
        { name: 'l', link: '..' },
        { name: 'l/evil', content: 'x' },
      ],
    ],
    [
      'a link through a link',
      [
        { name: 'l', link: '..' },
        { name: 'l/evil', link: 'archive' },
      ],
    ],
    [
      'links that leave together',
      [
        { name: 'deep/in/file', content: 'x' },
        { name: 'deep/up', link: '..' },
        { name: 'out', link: 'deep/up/..' },
      ],
    ],
    [
      'two members of one name',
      [
        { name: 'a', content: '1' },
        { name: './a', content: '2' },
      ],
    ],
    [
      'a file where a folder is',
      [
        { name: 'a/b', content: '1' },
        { name: 'a', content: '2' },
      ],
    ],
  ])('is refused for %s', async (_what, members) => {
    const { unpacked, left } = await unpack(make([{ name: 'good', content: 'x' }, ...members]))
    await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_UNSAFE' })
    expect(await left()).toEqual([])
  })

  test.each([
    ['the whole', 'a file', {}],
    ['one member', 'a folder', { member: 'empty' }],
  ])('says what is in the way: %s, and %s is there', async (_what, there, options) => {
    const to = join(await testFolder(), 'mine')
    if (there === 'a file') await writeFile(to, 'x')
    else await mkdir(to)
    const { unpacked } = await unpack(make(release), { to, ...options })
    await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_TARGET', facts: { place: to } })
    expect((await stat(to)).isFile()).toBe(there === 'a file')
  })

  test('goes into an empty folder, never among what is there', async () => {
    const folder = await testFolder()
    const [empty, filled] = [join(folder, 'empty'), join(folder, 'filled')]
    await mkdir(empty)
    await mkdir(filled)
    await writeFile(join(filled, 'mine'), 'x')
    await expect((await unpack(make(release), { to: empty })).unpacked).resolves.toHaveLength(4)
    await expect((await unpack(make(release), { to: filled })).unpacked).rejects.toMatchObject({
      code: 'E_ARCHIVE_TARGET',
    })
    expect(await readdir(filled)).toEqual(['mine'])
  })
})

test.each(['3', '4', '6'])('a tar with a device or a pipe (type %s) is refused', async (type) => {
  const { unpacked } = await unpack(tarOf([{ name: 'dev', type }]))
  await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_UNSAFE' })
})

test('hard links of a tar lead to its own members only', async () => {
  const good = await unpack(
    tarOf([
      { name: 'a', content: '1' },
      { name: 'b', hardLink: 'a' },
    ]),
  )
  await good.unpacked
  expect(await readFile(join(good.to, 'b'), 'utf8')).toBe('1')
  for (const hardLink of ['../archive', '/etc/passwd', 'gone']) {
    const { unpacked, left } = await unpack(tarOf([{ name: 'b', hardLink }]))
    await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_UNSAFE' })
    expect(await left()).toEqual([])
  }
})

test('a zip whose content does not have its checksum is damaged', async () => {
  const { unpacked, left } = await unpack(zipOf([{ name: 'a', content: 'x', wrongSum: true }]), { member: 'a' })
  await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE', facts: { reason: 'a: its checksum is wrong' } })
  expect(await left()).toEqual([])
})

test.each([
  ['nothing', ''],
  ['a page of a portal', '<html>log in first</html>'],
])('%s is no archive', async (_what, content) => {
  const { unpacked } = await unpack(Buffer.from(content))
  await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE' })
})

test('an aborted unpacking leaves nothing', async () => {
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  for (const make of [zipOf, tarGzOf]) {
    const { unpacked, left } = await unpack(make(release), { signal: stop.signal })
    await expect(unpacked).rejects.toThrow()
    expect(await left()).toEqual([])
  }
})

test('an archive that is not there is no riddle', async () => {
  const folder = await testFolder()
  const [archive, to] = [join(folder, 'gone.zip'), join(folder, 'to')]
  await expect(archives.unpack({ archive, to, signal })).rejects.toMatchObject({
    code: 'E_ARCHIVE',
    facts: { archive },
  })
})
