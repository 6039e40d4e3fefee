import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { digestOf, place, useMirror } from '../../support/downloading.ts'

const content = Buffer.from('a line of a file\n'.repeat(50_000))
const mirror = useMirror()
const url = (path = '/file') => `${mirror().url}${path}`

test.each(['gzip', 'deflate', 'br', 'zstd'] as const)(
  'what a server packs by %s unasked is unpacked, where the sum wants it',
  async (encoding) => {
    mirror().put('/file', content)
    mirror().fail('/file', { kind: 'packed', encoding })
    const at = await place()
    const options = { sha256: digestOf(content), size: content.length }
    expect(await at.get(url(), options)).toMatchObject({ size: content.length, sha256: digestOf(content) })
    expect(content.equals(await at.content())).toBe(true)
    expect(await at.left()).toEqual(['deep/file'])
  },
)

test('a file that only says it is packed is taken as it came, where the sum wants it', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip', lie: true })
  const at = await place()
  expect(await at.get(url(), { sha256: digestOf(content) })).toMatchObject({ size: content.length })
  expect(content.equals(await at.content())).toBe(true)
})

test('an archive that a server calls packed stays as it is, where the sum wants it', async () => {
  const archive = gzipSync(content)
  mirror().put('/file', archive)
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip', lie: true })
  const at = await place()
  expect(await at.get(url(), { sha256: digestOf(archive) })).toMatchObject({ size: archive.length })
})

test.each([false, true])('where neither fits, the error names the packing (only said: %s)', async (lie) => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip', lie })
  const at = await place()
  await expect(at.get(url(), { sha256: digestOf('other') })).rejects.toMatchObject({
    code: 'E_WRONG_SUM',
    facts: { encoding: 'gzip', expected: digestOf('other') },
  })
  expect(await at.left()).toEqual([])
})

test('without a sum the name tells what is wanted', async () => {
  const archive = gzipSync(content)
  for (const path of ['/file', '/file.tar.gz']) {
    mirror().put(path, content)
    mirror().fail(path, { kind: 'packed', encoding: 'gzip' })
  }
  const at = await place()
  expect(await at.get(url())).toMatchObject({ sha256: digestOf(content) })
  expect(await at.get(url('/file.tar.gz'))).toMatchObject({ sha256: digestOf(archive) })
})

test('what cannot be unpacked, and has no sum, is an error that says so', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip', lie: true })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({
    code: 'E_WRONG_SUM',
    message: 'A file came packed as gzip, and cannot be unpacked; it was thrown away',
    facts: { reason: 'incorrect header check' },
  })
  expect(await at.left()).toEqual([])
})

test('what becomes too big when it is unpacked is stopped', async () => {
  mirror().put('/file', Buffer.alloc(20_000_000))
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip' })
  const at = await place()
  for (const options of [{}, { sha256: digestOf('other') }]) {
    await expect(at.get(url(), { maxSize: 1_000_000, ...options })).rejects.toMatchObject({ code: 'E_TOO_BIG' })
    expect(await at.left()).toEqual([])
  }
})

test('nothing is continued in the middle of what is packed', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'packed', encoding: 'gzip' })
  const at = await place()
  const stop = new AbortController()
  const aborted = at.get(url(), { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) })
  await expect(aborted).rejects.toThrow('enough')
  expect(await at.get(url(), { sha256: digestOf(content) })).toMatchObject({ size: content.length })
  expect(mirror().answers.map(({ asked }) => asked['range'])).toEqual([undefined, undefined])
})
