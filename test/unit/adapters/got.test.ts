import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/got.ts'
import type { DownloadOptions } from '../../../src/ports/http.ts'
import { parseSha256 } from '../../../src/util/digest.ts'
import { testFolder } from '../../support/folder.ts'
import { type Mirror, startMirror, sumOf } from '../../support/mirror.ts'

const content = Buffer.from('some bytes, '.repeat(20_000))
let mirror: Mirror
const waits: number[] = []
const http = gotHttp({
  pause: async (ms) => {
    waits.push(ms)
  },
})

beforeAll(async () => {
  mirror = await startMirror()
})
afterAll(() => mirror.close())

async function download(path: string, options: Partial<DownloadOptions> = {}) {
  const folder = await testFolder()
  waits.length = 0
  const seen: (readonly [number, number | undefined])[] = []
  const fetched = http.download(path.startsWith('http') ? path : `${mirror.url}${path}`, {
    into: join(folder, 'deep', 'file'),
    maxSize: 1_000_000,
    connectTimeout: 1000,
    silenceTimeout: 1000,
    signal: new AbortController().signal,
    onProgress: (done, total) => seen.push([done, total]),
    ...options,
  })
  const left = async () => (await readdir(folder, { recursive: true })).filter((name) => name !== 'deep')
  return { fetched, left, seen, file: join(folder, 'deep', 'file') }
}

test('a file arrives whole, with its size, its sum and its progress', async () => {
  mirror.put('/file', content)
  const { fetched, file, left, seen } = await download('/file')
  expect(await fetched).toEqual({ size: content.length, sha256: sumOf(content), validator: {} })
  expect(await readFile(file)).toEqual(content)
  expect(await left()).toEqual(['deep/file'])
  expect(seen.at(-1)).toEqual([content.length, content.length])
})

test('a wrong sum is told with both sums, and nothing is left', async () => {
  mirror.put('/wrong', content)
  const sha256 = parseSha256(sumOf('other'))
  const { fetched, left } = await download('/wrong', sha256 ? { sha256 } : {})
  await expect(fetched).rejects.toMatchObject({
    code: 'E_WRONG_SUM',
    family: 'task',
    facts: { url: `${mirror.url}/wrong`, expected: sumOf('other'), actual: sumOf(content) },
  })
  expect(await left()).toEqual([])
})

test('a status that says no is told at once', async () => {
  const { fetched, left } = await download('/absent')
  await expect(fetched).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    family: 'world',
    message: 'The server answered 404 instead of the file',
    facts: { url: `${mirror.url}/absent`, status: '404 Not Found' },
  })
  expect(waits).toEqual([])
  expect(await left()).toEqual([])
})

test('a server in trouble is asked again, with longer waits', async () => {
  mirror.put('/busy', content)
  mirror.fail('/busy', { kind: 'status', status: 503 }, 2)
  const { fetched, left } = await download('/busy')
  await expect(fetched).resolves.toMatchObject({ size: content.length })
  expect(waits).toEqual([500, 1500])
  expect(await left()).toEqual(['deep/file'])
})

test('a server that stays in trouble is given up, with the number of attempts', async () => {
  mirror.fail('/down', { kind: 'status', status: 503 })
  const { fetched } = await download('/down')
  await expect(fetched).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    facts: { url: `${mirror.url}/down`, status: '503 Service Unavailable', attempts: '4' },
  })
  expect(waits).toEqual([500, 1500, 4000])
})

test('a broken connection is tried again and never leaves half a file', async () => {
  mirror.put('/cut', content)
  mirror.fail('/cut', { kind: 'cut', after: 1000 }, 1)
  const once = await download('/cut')
  await expect(once.fetched).resolves.toMatchObject({ sha256: sumOf(content) })
  expect(waits).toEqual([500])

  mirror.fail('/cut', { kind: 'cut', after: 1000 })
  const always = await download('/cut')
  await expect(always.fetched).rejects.toMatchObject({ code: 'E_UNREACHABLE', family: 'world' })
  expect(await always.left()).toEqual([])
})

test('a silent server is given up, before and after its first bytes', async () => {
  mirror.put('/hang', content)
  for (const after of [-1, 1000]) {
    mirror.fail('/hang', { kind: 'hang', after })
    const { fetched, left } = await download('/hang', { silenceTimeout: 50 })
    const host = new URL(mirror.url).host
    await expect(fetched).rejects.toMatchObject({ code: 'E_UNREACHABLE', message: `${host} fell silent` })
    expect(await left()).toEqual([])
  }
  expect(waits).toEqual([])
})

test.each(['http://127.0.0.1:9/file', 'http://no-such-host.invalid/file'])('%s fails at once', async (url) => {
  const { fetched, left } = await download(url)
  await expect(fetched).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    family: 'world',
    message: `${new URL(url).host} cannot be reached`,
    facts: { url },
  })
  expect(waits).toEqual([])
  expect(await left()).toEqual([])
})

test('a file that is too big is stopped', async () => {
  mirror.put('/big', content)
  const { fetched, left } = await download('/big', { maxSize: 1000 })
  await expect(fetched).rejects.toMatchObject({ code: 'E_TOO_BIG', facts: { limit: '1000 B' } })
  expect(await left()).toEqual([])
})

test('an abort stops it and is no error of the server', async () => {
  mirror.put('/slow', content)
  mirror.fail('/slow', { kind: 'hang', after: 1000 })
  const stop = new AbortController()
  const { fetched, left } = await download('/slow', {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  })
  await expect(fetched).rejects.toThrow('enough')
  expect(await left()).toEqual([])
})

test('what the disk refuses is no error of the server', async () => {
  mirror.put('/file', content)
  const blocker = join(await testFolder(), 'blocker')
  await writeFile(blocker, 'a file where a folder should be')
  const { fetched } = await download('/file', { into: join(blocker, 'file') })
  await expect(fetched).rejects.toMatchObject({ syscall: 'mkdir' })
  expect(waits).toEqual([])
})

test('text is read up to its limit', async () => {
  const signal = new AbortController().signal
  mirror.put('/text', 'grüße')
  expect(await http.text(`${mirror.url}/text`, { maxSize: 100, signal })).toBe('grüße')
  await expect(http.text(`${mirror.url}/text`, { maxSize: 3, signal })).rejects.toMatchObject({ code: 'E_TOO_BIG' })
  await expect(http.text(`${mirror.url}/none`, { maxSize: 3, signal })).rejects.toMatchObject({ code: 'E_HTTP_STATUS' })
})
