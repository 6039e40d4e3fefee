import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { proxiesOf } from '../../../src/adapters/http/proxies.ts'
import { certificate } from '../../support/certificate.ts'
import { type Place, place, useMirror } from '../../support/downloading.ts'
import { testFolder } from '../../support/folder.ts'
import { startMirror } from '../../support/mirror.ts'
import { type ProxyOptions, type ProxyServer, startProxy } from '../../support/proxy.ts'

const mirror = useMirror()
/** No machine has this name: who gets the file got it through the proxy. */
const url = 'http://plain.invalid/file'

async function proxied(
  environment: (proxy: ProxyServer) => Readonly<Record<string, string>>,
  options?: ProxyOptions,
): Promise<Place & { readonly proxy: ProxyServer }> {
  mirror().put('/file', 'the file')
  const proxy = await startProxy({ hosts: { 'plain.invalid': Number(new URL(mirror().url).port) }, ...options })
  onTestFinished(() => proxy.close())
  const at = await place((pause) => gotHttp({ pause, random: () => 0.5, environment: environment(proxy) }))
  return { ...at, proxy }
}

test.each(['HTTP_PROXY', 'http_proxy'])('a plain request goes through %s, and all of it can do', async (name) => {
  const { get, proxy } = await proxied(({ url: address }) => ({ [name]: address }))
  mirror().fail('/a', { kind: 'redirect', to: '/file' })
  mirror().fail('/file', { kind: 'status', status: 503 }, 1)
  expect(await get('http://plain.invalid/a')).toMatchObject({ size: 8 })
  expect(proxy.asked).toEqual(['GET http://plain.invalid/a', `GET ${url}`, 'GET http://plain.invalid/a', `GET ${url}`])
})

test('of both cases the lower one counts', async () => {
  const { get, proxy } = await proxied(({ url: address }) => ({
    HTTP_PROXY: 'http://127.0.0.1:9',
    http_proxy: address,
  }))
  await get(url)
  expect(proxy.asked).toHaveLength(1)
})

test.each(['NO_PROXY', 'no_proxy'])('%s names who is asked directly', async (name) => {
  const { get, proxy } = await proxied(({ url: address }) => ({ HTTP_PROXY: address, [name]: 'example.org,.invalid' }))
  await expect(get(url)).rejects.toMatchObject({ message: 'plain.invalid cannot be reached' })
  expect(proxy.asked).toEqual([])
})

test('an empty variable is none, and HTTPS_PROXY is not for plain requests', async () => {
  const { get, proxy } = await proxied(({ url: address }) => ({ HTTP_PROXY: '', HTTPS_PROXY: address }))
  await expect(get(url)).rejects.toMatchObject({ message: 'plain.invalid cannot be reached' })
  expect(proxy.asked).toEqual([])
})

test.each([{}, { NO_PROXY: 'example.org' }])('this machine itself is asked directly (%j)', async (more) => {
  const { get, proxy } = await proxied(({ url: address }) => ({ HTTP_PROXY: address, ...more }))
  for (const host of ['127.0.0.1', 'localhost']) await get(`${mirror().url.replace('127.0.0.1', host)}/file`)
  expect(proxy.asked).toEqual([])
})

test('a proxy without http:// before it is understood, and gets its name and password, which nobody else sees', async () => {
  const { get, proxy } = await proxied(({ url: address }) => ({
    HTTP_PROXY: address.replace('http://', 'me:pass%21word@'),
  }))
  await get(url)
  expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:pass!word').toString('base64')}`])
  expect(mirror().answers[0]?.asked).not.toHaveProperty('proxy-authorization')
})

test('a proxy that is not there is named, without its password', async () => {
  const { get } = await proxied(() => ({ HTTP_PROXY: 'http://me:pass@127.0.0.1:9' }))
  await expect(get(url)).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    facts: { proxies: 'http_proxy=http://***@127.0.0.1:9' },
  })
})

test('what is no proxy is a mistake in the environment', async () => {
  expect(() => proxiesOf({ HTTPS_PROXY: 'socks5://me:pass@127.0.0.1:1080' })).toThrow(
    expect.objectContaining({
      code: 'E_PROXY',
      family: 'usage',
      facts: { https_proxy: 'socks5://***@127.0.0.1:1080' },
    }),
  )
})

test('a proxy that wants to know who asks is told as that', async () => {
  const { get } = await proxied(({ url: address }) => ({ HTTP_PROXY: address }), { status: 407 })
  await expect(get(url)).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    next: 'The proxy wants to know who asks: put name and password into its address.',
  })
})

test('a proxy that never makes its tunnel is given up', async () => {
  const { get, proxy } = await proxied(({ url: address }) => ({ HTTPS_PROXY: address }), { silent: true })
  const limits = { connectTimeout: 50, silenceTimeout: 50 }
  await expect(get('https://secure.invalid/file', limits)).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    message: 'secure.invalid fell silent',
  })
  expect(proxy.asked).toEqual(['CONNECT secure.invalid:443'])
})

test('a proxy that refuses its tunnel is told as that', async () => {
  const { get } = await proxied(({ url: address }) => ({ HTTPS_PROXY: address }), { status: 403 })
  await expect(get('https://secure.invalid/file')).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    facts: { reason: expect.stringContaining('403') },
  })
})

test('https goes through the tunnel of HTTPS_PROXY, to a server whose certificate the machine was told to trust', async () => {
  const made = await certificate()
  const secure = await startMirror({ tls: made })
  onTestFinished(() => secure.close())
  secure.put('/file', 'the file')
  const proxy = await startProxy({ hosts: { 'secure.invalid': Number(new URL(secure.url).port) } })
  onTestFinished(() => proxy.close())
  const into = join(await testFolder(), 'file')
  const main = join(import.meta.dirname, '../../support/download-main.ts')
  const run = (extra: Readonly<Record<string, string>>) =>
    promisify(execFile)(process.execPath, ['--conditions=lakitu-source', main, 'https://secure.invalid/file', into], {
      env: { PATH: process.env['PATH'], HTTPS_PROXY: proxy.url, ...extra },
    })
  const { stdout } = await run({ NODE_EXTRA_CA_CERTS: made.path })
  expect(stdout).toContain('"size":8')
  expect(proxy.asked).toEqual(['CONNECT secure.invalid:443'])
  expect(secure.requests).toEqual(['/file'])

  const distrusted = await run({})
  expect(distrusted.stdout).toContain('NODE_EXTRA_CA_CERTS')
  expect(distrusted.stdout).toContain('E_UNREACHABLE')
})
