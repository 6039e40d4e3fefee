import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { gotHttp } from '../../../src/adapters/http/got.ts'
import { digestOf, noise, type Place, place, useMirror } from '../../support/downloading.ts'
import type { Habits } from '../../support/mirror.ts'

const content = noise(1_000_000)
const changed = noise(1_000_000, 2)
const half = 500_000
const mirror = useMirror()

/** A place where an earlier call was cut off in the middle, and the server is good again. */
async function halfThere(habits: Habits = {}): Promise<Place & { readonly url: string }> {
  const url = `${mirror().url}/file`
  mirror().put('/file', content, habits)
  mirror().fail('/file', { kind: 'cut', after: half }, 1)
  const at = await place()
  const killed = async () => Promise.reject(new Error('killed'))
  const first = await place(() => gotHttp({ pause: killed, environment: {} }))
  await expect(first.get(url, { into: at.into })).rejects.toThrow('killed')
  const there = await at.content()
  expect(there).toEqual(content.subarray(0, there.length))
  expect(there.length).toBeGreaterThan(0)
  mirror().forget()
  mirror().put('/file', content, habits)
  return { ...at, url }
}

const sent = () => mirror().sent('/file')
const ranges = () => mirror().answers.map(({ asked }) => asked['range'])
const statuses = () => mirror().answers.map(({ status }) => status)

test('a later call continues where an earlier one stopped, and counts what was there as done', async () => {
  const at = await halfThere()
  const had = (await at.content()).length
  expect(await at.get(at.url)).toMatchObject({ size: content.length, sha256: digestOf(content) })
  expect(content.equals(await at.content())).toBe(true)
  expect(sent()).toBe(content.length - had)
  expect(mirror().answers[0]?.asked).toMatchObject({ range: `bytes=${had}-`, 'if-range': expect.stringMatching(/^"/) })
  expect(at.seen[0]?.[0]).toBeGreaterThan(had)
  expect(await at.left()).toEqual(['deep/file'])
})

test('what tells which file it is stands beside it, without name and password', async () => {
  const at = await halfThere()
  const note = JSON.parse(await readFile(`${at.into}.json`, 'utf8'))
  expect(note).toMatchObject({ url: digestOf(at.url), total: content.length, validator: { etag: note.ifRange } })

  mirror().fail('/file', { kind: 'hang', after: 10 })
  const stop = new AbortController()
  const named = at.url.replace('//', '//me:secret@')
  await at.get(named, { signal: stop.signal, onProgress: () => stop.abort() }).catch(() => {})
  expect(await readFile(`${at.into}.json`, 'utf8')).not.toMatch(/me|secret/)
})

test('a file that changed meanwhile comes anew', async () => {
  const at = await halfThere()
  mirror().put('/file', changed)
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(changed) })
  expect(statuses()).toEqual([200])
  expect(changed.equals(await at.content())).toBe(true)
})

test('a rest that is called another file is not believed', async () => {
  const at = await halfThere()
  mirror().put('/file', changed)
  mirror().fail('/file', { kind: 'etag', etag: '"another"' }, 1)
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(changed) })
  expect(statuses()).toEqual([206, 200])
  expect(at.waits).toEqual([])
})

test.each(['start', 'total', 'unsaid'] as const)('a range with a wrong %s is not believed', async (wrong) => {
  const at = await halfThere()
  mirror().fail('/file', { kind: 'range', wrong })
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([206, 200])
  expect(content.equals(await at.content())).toBe(true)
})

test('a server that sends less of the rest than there is gets asked for the rest of that', async () => {
  const at = await halfThere()
  mirror().fail('/file', { kind: 'range', wrong: 'half' }, 2)
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([206, 206, 206])
  expect(sent()).toBe(half)
})

test('a file whose length nobody announced is continued too', async () => {
  const at = await halfThere({ length: false })
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([206])
})

test('a server without ranges sends all of it again', async () => {
  const at = await halfThere()
  mirror().put('/file', content, { ranges: false })
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(sent()).toBe(content.length)
})

test('another address has nothing to do with what is there', async () => {
  const at = await halfThere()
  mirror().put('/other', changed)
  expect(await at.get(`${mirror().url}/other`)).toMatchObject({ sha256: digestOf(changed) })
  expect(ranges()).toEqual([undefined])
})

test.each(['weak', 'fresh', 'none'] as const)('with %s validators alone nothing is continued', async (validators) => {
  const at = await halfThere({ validators })
  await at.get(at.url)
  expect(ranges()).toEqual([undefined])
  expect(content.equals(await at.content())).toBe(true)
})

test('a date that is old enough proves which file it is, where there is no tag', async () => {
  const at = await halfThere({ validators: 'date' })
  const had = (await at.content()).length
  await at.get(at.url)
  expect(mirror().answers[0]?.asked).toMatchObject({
    range: `bytes=${had}-`,
    'if-range': 'Tue, 01 Jul 2025 12:00:00 GMT',
  })
  expect(sent()).toBe(content.length - had)
})

test('a sum proves it too, where the server says nothing', async () => {
  const at = await halfThere({ validators: 'none' })
  const had = (await at.content()).length
  await at.get(at.url, { sha256: digestOf(content) })
  expect(ranges()).toEqual([`bytes=${had}-`])
  expect(mirror().answers[0]?.asked).not.toHaveProperty('if-range')
  expect(sent()).toBe(content.length - had)
})

test('a continued file with a wrong sum comes once anew before that is an error', async () => {
  const at = await halfThere({ validators: 'none' })
  mirror().put('/file', changed, { validators: 'none' })
  expect(await at.get(at.url, { sha256: digestOf(changed) })).toMatchObject({ size: changed.length })
  expect(statuses()).toEqual([206, 200])
  expect(changed.equals(await at.content())).toBe(true)

  const never = await halfThere()
  await expect(never.get(never.url, { sha256: digestOf('other') })).rejects.toMatchObject({ code: 'E_WRONG_SUM' })
  expect(statuses()).toEqual([206, 200])
  expect(await never.left()).toEqual([])
})

test('once is once, also where the second time came in pieces', async () => {
  const at = await halfThere()
  mirror().fail('/file', { kind: 'cut', after: 600_000 })
  await expect(at.get(at.url, { sha256: digestOf('other') })).rejects.toMatchObject({ code: 'E_WRONG_SUM' })
  expect(statuses()).toEqual([206, 200, 206])
})

test('what was damaged on this disk comes anew', async () => {
  const at = await halfThere()
  const there = await at.content()
  there[10] = (there[10] ?? 0) ^ 1
  await writeFile(at.into, there)
  await at.get(at.url, { sha256: digestOf(content) })
  expect(content.equals(await at.content())).toBe(true)
})

test('who was killed after the last byte asks nobody where the sum is known', async () => {
  const at = await halfThere()
  await writeFile(at.into, content)
  expect(await at.get(at.url, { sha256: digestOf(content) })).toMatchObject({ size: content.length })
  expect(statuses()).toEqual([])
  expect(await at.left()).toEqual(['deep/file'])
})

test('who was killed after the last byte hears from the server that nothing is missing', async () => {
  const at = await halfThere()
  await writeFile(at.into, content)
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([416])
  expect(sent()).toBe(0)
})

test('what is longer than the file comes anew', async () => {
  const at = await halfThere()
  await writeFile(at.into, Buffer.concat([content, content]))
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(statuses()).toEqual([416, 200])
})

test.each(['', '{"url":', '7', '{"url":"x"}', 'null'])('a note that says %j is none', async (text) => {
  const at = await halfThere()
  await writeFile(`${at.into}.json`, text)
  expect(await at.get(at.url)).toMatchObject({ sha256: digestOf(content) })
  expect(ranges()).toEqual([undefined])
})

test('a file without a note is not continued', async () => {
  const at = await place()
  await at.get(`${mirror().url}/absent`).catch(() => {})
  await writeFile(at.into, content.subarray(0, half))
  mirror().put('/file', content)
  await at.get(`${mirror().url}/file`)
  expect(content.equals(await at.content())).toBe(true)
})

test('a file that is wanted smaller than it has become is thrown away', async () => {
  const at = await halfThere()
  await expect(at.get(at.url, { maxSize: 1000 })).rejects.toMatchObject({ code: 'E_TOO_BIG' })
  expect(await at.left()).toEqual([])
  const other = await halfThere()
  await expect(other.get(other.url, { size: 1000 })).rejects.toMatchObject({ code: 'E_WRONG_SIZE' })
  expect(await other.left()).toEqual([])
})
