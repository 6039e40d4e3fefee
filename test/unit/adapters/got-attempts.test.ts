import { expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { digestOf, noise, place, useMirror } from '../../support/downloading.ts'
import { startMirror } from '../../support/mirror.ts'

const content = noise(1_000_000)
const mirror = useMirror()
const sent = () => mirror().sent('/file')
const url = () => `${mirror().url}/file`
const statuses = () => mirror().answers.map(({ status }) => status)

test('a server in trouble is asked again, with longer waits', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'status', status: 503 }, 2)
  const at = await place()
  await expect(at.get(url())).resolves.toMatchObject({ size: content.length })
  expect(at.waits).toEqual([500, 1500])
  expect(await at.left()).toEqual(['deep/file'])
})

test('a server that stays in trouble is given up, with the number of attempts', async () => {
  mirror().fail('/file', { kind: 'status', status: 503 })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    facts: { url: url(), status: '503 Service Unavailable', attempts: '4' },
  })
  expect(at.waits).toEqual([500, 1500, 4000])
})

test('waits differ by chance, by a quarter to each side', async () => {
  mirror().put('/file', content)
  for (const [random, wait] of [
    [0, 375],
    [1, 625],
  ] as const) {
    mirror().fail('/file', { kind: 'status', status: 500 }, 1)
    const at = await place((pause) => gotHttp({ pause, random: () => random, environment: {} }))
    await at.get(url())
    expect(at.waits).toEqual([wait])
  }
})

test.each([429, 503])('%d with Retry-After is asked again when it wants to be', async (status) => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'status', status, headers: { 'retry-after': '90' } }, 1)
  const at = await place()
  await at.get(url())
  expect(at.waits).toEqual([90_000])
})

test('Retry-After as a date counts by the clock of the server', async () => {
  mirror().put('/file', content)
  const headers = { date: 'Wed, 01 Jan 2020 00:00:00 GMT', 'retry-after': 'Wed, 01 Jan 2020 00:01:00 GMT' }
  mirror().fail('/file', { kind: 'status', status: 503, headers }, 1)
  const at = await place()
  await at.get(url())
  expect(at.waits).toEqual([60_000])
})

test('a Retry-After of nonsense, or sooner than the usual wait, changes nothing', async () => {
  mirror().put('/file', content)
  for (const text of ['soon', '0', '-5']) {
    mirror().fail('/file', { kind: 'status', status: 503, headers: { 'retry-after': text } }, 1)
    const at = await place()
    await at.get(url())
    expect(at.waits).toEqual([500])
  }
})

test('a server that wants to be asked much later fails at once, and says when', async () => {
  mirror().fail('/file', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({
    code: 'E_HTTP_STATUS',
    family: 'world',
    facts: { status: '429 Too Many Requests', 'ask again': 'in 60 min 00 s' },
    next: expect.stringMatching(/again after \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/),
  })
  expect(at.waits).toEqual([])
})

test('a download of 20 MB that is cut ten times gets through, and hardly a byte comes twice', async () => {
  const big = noise(20_000_000, 3)
  mirror().put('/file', big)
  mirror().fail('/file', { kind: 'cut', after: 1_900_000 }, 10)
  const at = await place()
  expect(await at.get(url(), { sha256: digestOf(big) })).toMatchObject({ size: big.length })
  expect(big.equals(await at.content())).toBe(true)
  expect(statuses()).toEqual([200, ...Array.from({ length: 10 }, () => 206)])
  expect(at.waits).toEqual(Array.from({ length: 10 }, () => 500))
  expect(sent()).toBe(big.length)
})

test('a server that cuts off at the same place each time, and sends no rest, is given up', async () => {
  mirror().put('/file', content, { ranges: false })
  mirror().fail('/file', { kind: 'cut', after: 1000 })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    family: 'world',
    message: `The connection to ${new URL(url()).host} broke off`,
    facts: { attempts: '4' },
  })
  expect(at.waits).toEqual([500, 1500, 4000])
  expect(await at.left()).toEqual(['deep/file', 'deep/file.json'])
})

test('a server that sends a byte each time is given up after a hundred attempts', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'cut', after: 1 })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({ code: 'E_UNREACHABLE', facts: { attempts: '100' } })
  expect(await at.content()).toEqual(content.subarray(0, 100))
})

test('who falls silent in the middle is asked for the rest', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'hang', after: 400_000 }, 1)
  const at = await place()
  expect(await at.get(url(), { silenceTimeout: 100 })).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([200, 206])
})

test('who then stays silent is given up', async () => {
  mirror().put('/file', content, { ranges: false })
  mirror().fail('/file', { kind: 'hang', after: 1000 })
  const at = await place()
  await expect(at.get(url(), { silenceTimeout: 100 })).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    message: `${new URL(url()).host} fell silent`,
    facts: { attempts: '2' },
  })
})

test('a slow server is not a silent one', async () => {
  mirror().put('/file', content.subarray(0, 50_000))
  mirror().fail('/file', { kind: 'slow', piece: 5000, pause: 30 })
  const at = await place()
  expect(await at.get(url(), { silenceTimeout: 150 })).toMatchObject({ size: 50_000 })
  expect(at.waits).toEqual([])
})

test('a file that is shorter than was announced is no whole file, whatever is asked', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'length', by: 10 })
  const at = await place()
  await expect(at.get(url())).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
  expect(await at.get(url(), { sha256: digestOf(content) })).toMatchObject({ size: content.length })
})

test('a file that is longer than was announced never counts as whole', async () => {
  mirror().put('/file', content)
  mirror().fail('/file', { kind: 'length', by: -10 })
  const at = await place()
  await expect(at.get(url(), { sha256: digestOf(content) })).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    message: `${new URL(url()).host} does not answer as HTTP wants it`,
  })
})

test('a server that goes away in the middle is waited for', async () => {
  const other = await startMirror()
  other.put('/file', content)
  other.fail('/file', { kind: 'cut', after: half })
  let closed: Promise<void> | undefined
  const waits: number[] = []
  const at = await place(() => {
    const pause = async (ms: number) => {
      waits.push(ms)
      closed ??= other.close()
      await closed
    }
    return gotHttp({ pause, random: () => 0.5, environment: {} })
  })
  await expect(at.get(`${other.url}/file`)).rejects.toMatchObject({
    code: 'E_UNREACHABLE',
    message: `${new URL(other.url).host} cannot be reached`,
    facts: { attempts: '4' },
  })
  expect(waits).toEqual([500, 1500, 4000])
})

const half = content.length / 2
