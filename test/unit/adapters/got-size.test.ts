import { expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { useMirror } from '../../support/downloading.ts'

const mirror = useMirror()
const http = gotHttp({ pause: async () => {}, environment: {} })
const size = (path: string, signal = new AbortController().signal) => http.size(`${mirror().url}${path}`, { signal })

test('the size of a file is had without the file, also where redirects lead to it', async () => {
  mirror().put('/file', 'some bytes')
  mirror().fail('/moved', { kind: 'redirect', to: '/file' })
  expect(await size('/moved')).toBe(10)
  expect(mirror().answers).toMatchObject([
    { method: 'HEAD', path: '/moved' },
    { method: 'HEAD', path: '/file', status: 200, sent: 0, asked: { 'accept-encoding': 'identity' } },
  ])
})

test('a server that tells no length, or that of something packed, or knows no HEAD, does not tell it', async () => {
  mirror().put('/unsaid', 'some bytes', { length: false })
  mirror().put('/packed', 'some bytes')
  mirror().fail('/packed', { kind: 'packed', encoding: 'gzip' })
  mirror().fail('/405', { kind: 'status', status: 405 })
  mirror().fail('/501', { kind: 'status', status: 501 })
  for (const path of ['/unsaid', '/packed', '/405', '/501']) expect(await size(path), path).toBeUndefined()
})

test('a size is asked for with the patience and the errors of a download', async () => {
  mirror().put('/busy', 'some bytes')
  mirror().fail('/busy', { kind: 'status', status: 503 }, 2)
  expect(await size('/busy')).toBe(10)
  expect(mirror().requests).toHaveLength(3)
  await expect(size('/absent')).rejects.toMatchObject({ code: 'E_HTTP_STATUS', family: 'world' })
  await expect(http.size('http://127.0.0.1:9/', { signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
  })
  await expect(size('/busy', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})
