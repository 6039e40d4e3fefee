import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { following } from '../../../src/adapters/http/redirects.ts'
import { place, useMirror } from '../../support/downloading.ts'

const mirror = useMirror()
const other = useMirror()
const url = (path: string) => `${mirror().url}${path}`

test('redirects are followed, also to another host, and with a path alone', async () => {
  other().put('/c', 'the file')
  mirror().fail('/a', { kind: 'redirect', to: 'b', status: 307 })
  mirror().fail('/b', { kind: 'redirect', to: `${other().url}/c`, status: 301 })
  const at = await place()
  expect(await at.get(url('/a'))).toMatchObject({ size: 8 })
  expect(await readFile(at.into, 'utf8')).toBe('the file')
})

test('five redirects are followed, and no sixth', async () => {
  mirror().put('/6', 'the file')
  for (let i = 0; i < 6; i += 1) mirror().fail(`/${i}`, { kind: 'redirect', to: `/${i + 1}` })
  const at = await place()
  expect(await at.get(url('/1'))).toMatchObject({ size: 8 })
  await expect(at.get(url('/0'))).rejects.toMatchObject({
    code: 'E_REDIRECT',
    family: 'world',
    message: 'The server redirects more than 5 times, which is not followed',
    facts: { url: url('/0'), to: url('/6') },
  })
})

test('a circle is seen at once', async () => {
  mirror().fail('/a', { kind: 'redirect', to: '/b' })
  mirror().fail('/b', { kind: 'redirect', to: '/a' })
  const at = await place()
  await expect(at.get(url('/a'))).rejects.toMatchObject({
    code: 'E_REDIRECT',
    message: 'The server redirects in a circle, which is not followed',
  })
  expect(mirror().requests).toEqual(['/a', '/b'])
  expect(at.waits).toEqual([])
  expect(await at.left()).toEqual([])
})

test.each(['ftp://127.0.0.1/file', 'file:///etc/passwd', 'http://['])('nobody follows to %s', async (to) => {
  mirror().fail('/a', { kind: 'redirect', to })
  const at = await place()
  await expect(at.get(url('/a'))).rejects.toMatchObject({ code: 'E_REDIRECT', facts: { url: url('/a'), to } })
})

test('a redirect to nowhere is a status', async () => {
  mirror().fail('/a', { kind: 'status', status: 302 })
  const at = await place()
  await expect(at.get(url('/a'))).rejects.toMatchObject({ code: 'E_HTTP_STATUS', facts: { status: '302 Found' } })
})

test.each([`/none?X-Signature=s3cret`, 'ftp://me:s3cret@127.0.0.1/file?X-Signature=s3cret'])(
  'the ticket that a server gave with a redirect is not told',
  async (to) => {
    mirror().fail('/a', { kind: 'redirect', to })
    const at = await place()
    const error: unknown = await at.get(url('/a')).catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error)).toMatch(/(none|file)\?…/)
    expect(JSON.stringify(error)).not.toContain('s3cret')
  },
)

test('a status behind a redirect names both addresses', async () => {
  mirror().fail('/a', { kind: 'redirect', to: `${other().url}/none` })
  const at = await place()
  await expect(at.get(url('/a'))).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    facts: { url: url('/a'), 'redirected to': `${other().url}/none` },
  })
})

/** What a chain of redirects does where the addresses are not of this machine: what is asked for, and its end. */
async function chain(...addresses: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = []
  const ask = following(async (at) => {
    asked.push(at)
    const location = addresses[asked.length]
    const status = location === undefined ? 200 : 302
    const headers = location === undefined ? {} : { location }
    return { url: at, status, statusText: '', headers, body: (async function* () {})(), drop: () => {} }
  })
  const limits = { connectTimeout: 1, silenceTimeout: 1, signal: new AbortController().signal }
  await ask(addresses[0] ?? '', { headers: {}, decompress: false, ...limits })
  return asked
}

test('from https nobody is led to plain http, not even over a third address', async () => {
  await expect(chain('https://a.example/f', 'http://a.example/f')).rejects.toMatchObject({
    code: 'E_REDIRECT',
    family: 'world',
    message: 'The server redirects from https to plain http, which is not followed',
    facts: { url: 'https://a.example/f', to: 'http://a.example/f' },
  })
  await expect(chain('http://a.example/f', 'https://b.example/f', 'http://c.example/f')).rejects.toMatchObject({
    facts: { url: 'https://b.example/f', to: 'http://c.example/f' },
  })
})

test('from plain http both are fine', async () => {
  expect(await chain('http://a.example/f', 'http://b.example/f', 'https://c.example/f')).toHaveLength(3)
})

test('name and password go to the host that they are for, and to nobody else', async () => {
  expect(await chain('http://me:secret@a.example/f', '/g', 'http://you:x@b.example/h', 'http://a.example/i')).toEqual([
    'http://me:secret@a.example/f',
    'http://me:secret@a.example/g',
    'http://b.example/h',
    'http://a.example/i',
  ])
  other().put('/c', 'the file')
  mirror().fail('/a', { kind: 'redirect', to: '/b' })
  mirror().fail('/b', { kind: 'redirect', to: `${other().url}/c` })
  await (await place()).get(url('/a').replace('//', '//me:sec%20ret@'))
  const authorization = `Basic ${Buffer.from('me:sec ret').toString('base64')}`
  expect(mirror().answers.map(({ asked }) => asked['authorization'])).toEqual([authorization, authorization])
  expect(other().answers[0]?.asked).not.toHaveProperty('authorization')
})

test('no error shows a name or a password', async () => {
  const seen: string[] = []
  mirror().put('/big', 'too much')
  mirror().fail('/circle', { kind: 'redirect', to: '/circle' })
  mirror().fail('/hang', { kind: 'hang', after: -1 })
  const named = (address: string) => address.replace('//', '//me-myself:sec%20ret@')
  const at = await place()
  const all = [
    url('/none'),
    url('/big'),
    url('/circle'),
    url('/hang'),
    'http://127.0.0.1:9/f',
    'http://no-host.invalid/f',
  ]
  for (const address of [...all, 'ftp://127.0.0.1/f', 'http://127.0.0.1:x/f']) {
    const error = await at.get(named(address), { maxSize: 3, silenceTimeout: 50 }).catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('facts.url', address.replace('//', '//***@'))
    seen.push(
      JSON.stringify(error),
      String(error),
      error instanceof Error ? `${error.stack} ${String(error.cause)}` : '',
    )
  }
  expect(seen.join('\n')).not.toMatch(/me-myself|sec%20ret|sec ret|Basic/)
})
