import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { archives } from '../../../src/adapters/archives/archives.ts'
import { tarOf, zipOf } from '../../support/archive.ts'
import { testFolder } from '../../support/folder.ts'

const { signal } = new AbortController()
const members = ['a', 'b/c', 'b/d', 'e'].map((name) => ({ name, content: name.repeat(1000) }))
const adapters = pathToFileURL(join(import.meta.dirname, '../../../src/adapters/archives')).href

/** A process that unpacks until it has written so many members (the last one half), says so and waits to be killed. */
const program = `
const { staged } = await import('${adapters}/staging.ts')
const { fillFolder } = await import('${adapters}/unpack.ts')
const [to, stop] = [process.argv[1], Number(process.argv[2])]
const wait = () => new Promise((resolve) => setInterval(resolve, 1e9))
const say = async (word) => { process.stdout.write(word + '\\n'); await wait() }
await staged(to, async (staging) => {
  if (stop < 0) await say('begun')
  await fillFolder(staging, 'archive', async (take) => {
    for (let i = 0; i < 4; i += 1) {
      const content = take({ name: 'b/' + i, kind: 'file', mode: 0o600, target: '' })
      await content.write(Buffer.alloc(300_000))
      if (i === stop) await say('half of a member')
      await content.end()
    }
  })
  await say('all but renamed')
})
`

async function killedAt(to: string, stop: number): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, to, String(stop)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  return String(said).trim()
}

test.each([
  [-1, 'begun', 0],
  [0, 'half of a member', 1],
  [2, 'half of a member', 1],
  [9, 'all but renamed', 1],
])('killed at %i (%s) nothing half is to be seen, and the next one clears up', async (stop, said, leftovers) => {
  const folder = await testFolder()
  const [archive, to] = [join(folder, 'archive'), join(folder, 'to')]
  await writeFile(archive, zipOf(members))
  expect(await killedAt(to, stop)).toBe(said)
  const left = (await readdir(folder)).filter((name) => name !== 'archive')
  expect(left.map((name) => /^to\.\d+-[0-9a-f]{8}\.part$/.test(name))).toEqual(Array(leftovers).fill(true))
  expect(await archives.unpack({ archive, to, signal })).toHaveLength(4)
  expect((await readdir(folder)).sort()).toEqual(['archive', 'to'])
  expect(await readFile(join(to, 'b/c'), 'utf8')).toBe('b/c'.repeat(1000))
})

test('what another process is at work on, and what only looks like it, is left alone', async () => {
  const folder = await testFolder()
  const [archive, to] = [join(folder, 'archive'), join(folder, 'to')]
  await writeFile(archive, tarOf(members))
  const others = [`to.${process.ppid}-0123abcd.part`, 'to.old.part', 'two.1-0123abcd.part', 'to.part']
  for (const name of others) await mkdir(join(folder, name))
  await archives.unpack({ archive, to, signal })
  expect((await readdir(folder)).sort()).toEqual([...others, 'archive', 'to'].sort())
})

test('two at once to one place: one has it whole, the other says that something is there', async () => {
  const folder = await testFolder()
  const [archive, to] = [join(folder, 'archive'), join(folder, 'to')]
  await writeFile(archive, zipOf(members))
  const both = await Promise.allSettled([1, 2].map(() => archives.unpack({ archive, to, signal })))
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'E_ARCHIVE_TARGET' } })
  expect((await readdir(folder)).sort()).toEqual(['archive', 'to'])
  expect(await readFile(join(to, 'e'), 'utf8')).toBe('e'.repeat(1000))
})
