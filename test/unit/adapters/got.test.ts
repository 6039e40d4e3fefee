import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { digestOf, place, useMirror } from '../../support/downloading.ts'
import { testFolder } from '../../support/folder.ts'
import { sumOf } from '../../support/mirror.ts'

const content = Buffer.from('some bytes, '.repeat(20_000))
const mirror = useMirror()

test('a file arrives whole, with its size, its sum, what tells it from others, and its progress', async () => {
  mirror().put('/file', content)
  const at = await place()
  expect(await at.get(`${mirror().url}/file`)).toEqual({
    size: content.length,
    sha256: sumOf(content),
    validator: { etag: expect.stringMatching(/^"\w+"$/), lastModified: expect.stringContaining('2025') },
  })
  expect(await at.content()).toEqual(content)
  expect(await at.left()).toEqual(['deep/file'])
  expect(at.seen.at(-1)?.slice(0, 2)).toEqual([content.length, content.length])
})

test('nothing is asked to be packed', async () => {
  mirror().put('/file', content)
  await (await place()).get(`${mirror().url}/file`)
  expect(mirror().answers[0]?.asked).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'lakitu' })
})

test('a wrong sum is told with both sums, and nothing is left', async () => {
  mirror().put('/wrong', content)
  const at = await place()
  await expect(at.get(`${mirror().url}/wrong`, { sha256: digestOf('other') })).rejects.toMatchObject({
    code: 'E_WRONG_SUM',
    family: 'task',
    facts: { url: `${mirror().url}/wrong`, expected: sumOf('other'), actual: sumOf(content) },
  })
  expect(await at.left()).toEqual([])
  expect(mirror().requests).toHaveLength(1)
})

test('a damaged file has a wrong sum', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'damage', at: 1234 })
  const at = await place()
  await expect(at.get(`${mirror().url}/file`, { sha256: digestOf(content) })).rejects.toMatchObject({
    code: 'E_WRONG_SUM',
  })
  expect(await at.left()).toEqual([])
})

test('a status that says no is told at once', async () => {
  const at = await place()
  await expect(at.get(`${mirror().url}/absent`)).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    family: 'world',
    message: 'The server answered 404 instead of the file',
    facts: { url: `${mirror().url}/absent`, status: '404 Not Found' },
  })
  expect(at.waits).toEqual([])
  expect(await at.left()).toEqual([])
})

test.each(['http://127.0.0.1:9/file', 'http://no-such-host.invalid/file'])('%s fails at once', async (url) => {
  const at = await place()
  await expect(at.get(url)).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    family: 'world',
    message: `${new URL(url).host} cannot be reached`,
    facts: { url },
  })
  expect(at.waits).toEqual([])
  expect(await at.left()).toEqual([])
})

test.each(['ftp://127.0.0.1/file', 'no address', 'file:///etc/passwd'])('%s is no address', async (url) => {
  const at = await place()
  await expect(at.get(url)).rejects.toMatchObject({ code: 'E_ADDRESS', family: 'usage', facts: { url } })
})

test('a silent server is given up at once, with how long it was waited for', async () => {
  mirror().put('/hang', content)
  mirror().fail('/hang', { kind: 'hang', after: -1 })
  const at = await place()
  await expect(at.get(`${mirror().url}/hang`, { silenceTimeout: 50 })).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    message: `${new URL(mirror().url).host} fell silent`,
    facts: { reason: expect.stringContaining('50ms') },
  })
  expect(at.waits).toEqual([])
  expect(await at.left()).toEqual([])
})

test('a file that is announced too big is stopped before a byte of it is kept', async () => {
  mirror().put('/big', content)
  const at = await place()
  await expect(at.get(`${mirror().url}/big`, { maxSize: 1000 })).rejects.toMatchObject({
    code: 'E_TOO_BIG',
    facts: { limit: '1000 B', announced: `${content.length} B` },
  })
  expect(at.seen).toEqual([])
  expect(await at.left()).toEqual([])
})

test('a file that becomes too big without a word is stopped', async () => {
  mirror().put('/big', content, { length: false })
  const at = await place()
  await expect(at.get(`${mirror().url}/big`, { maxSize: 1000 })).rejects.toMatchObject({ code: 'E_TOO_BIG' })
  expect(await at.left()).toEqual([])
})

test('a size that is announced wrong fails before a byte is kept', async () => {
  mirror().put('/file', content)
  const at = await place()
  await expect(at.get(`${mirror().url}/file`, { size: 1000 })).rejects.toMatchObject({
    code: 'E_WRONG_SIZE',
    facts: { expected: '1000 B', actual: `${content.length} B` },
  })
  expect(at.seen).toEqual([])
  expect(await at.left()).toEqual([])
})

test.each([content.length - 1, content.length + 1])('a size of %d that nobody announced is seen', async (size) => {
  mirror().put('/file', content, { length: false })
  const at = await place()
  await expect(at.get(`${mirror().url}/file`, { size })).rejects.toMatchObject({ code: 'E_WRONG_SIZE' })
  expect(await at.left()).toEqual([])
})

test('a copy that the server calls the same is not sent again', async () => {
  mirror().put('/file', content)
  const at = await place()
  const fetched = await at.get(`${mirror().url}/file`)
  if (fetched === 'unchanged') throw new Error('it was not there before')
  const again = await place()
  for (const unless of [fetched.validator, { lastModified: fetched.validator.lastModified ?? '' }]) {
    expect(await again.get(`${mirror().url}/file`, { unless })).toBe('unchanged')
  }
  expect(await again.left()).toEqual([])
  expect(mirror().sent('/file')).toBe(content.length)

  mirror().put('/file', 'another')
  expect(await again.get(`${mirror().url}/file`, { unless: fetched.validator })).toMatchObject({ size: 7 })
})

test('an abort stops it, is no error of the server, and leaves what has come', async () => {
  mirror().put('/slow', content)
  mirror().fail('/slow', { kind: 'hang', after: 1000 })
  const stop = new AbortController()
  const at = await place()
  const onProgress = () => stop.abort(new Error('enough'))
  await expect(at.get(`${mirror().url}/slow`, { signal: stop.signal, onProgress })).rejects.toThrow('enough')
  expect(await at.content()).toEqual(content.subarray(0, 1000))
  expect(await at.left()).toEqual(['deep/file', 'deep/file.json'])
})

test('an abort before it begins asks nobody', async () => {
  const at = await place()
  await expect(at.get(`${mirror().url}/file`, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
  expect(mirror().requests).toEqual([])
})

test('what the disk refuses is no error of the server', async () => {
  mirror().put('/file', content)
  const blocker = join(await testFolder(), 'blocker')
  await writeFile(blocker, 'a file where a folder should be')
  const at = await place()
  await expect(at.get(`${mirror().url}/file`, { into: join(blocker, 'file') })).rejects.toMatchObject({
    syscall: 'mkdir',
  })
  expect(at.waits).toEqual([])
})

test('text is read up to its limit, also where it comes packed or from elsewhere', async () => {
  const http = gotHttp({ pause: async () => {}, environment: {} })
  const signal = new AbortController().signal
  mirror().put('/text', 'grüße')
  mirror().fail('/moved', { kind: 'redirect', to: '/text' })
  mirror().fail('/text', { kind: 'status', status: 503 }, 1)
  const text = (path: string, maxSize = 100) => http.text(`${mirror().url}${path}`, { maxSize, signal })
  expect(await text('/text')).toBe('grüße')
  expect(await text('/moved')).toBe('grüße')
  mirror().fail('/text', { kind: 'packed', encoding: 'gzip' }, 1)
  expect(await text('/text')).toBe('grüße')
  await expect(text('/text', 3)).rejects.toMatchObject({ code: 'E_TOO_BIG' })
  await expect(text('/none')).rejects.toMatchObject({ code: 'E_HTTP_STATUS' })
})
