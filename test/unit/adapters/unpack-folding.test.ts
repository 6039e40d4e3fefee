import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { expect, test, vi } from 'vitest'
import { type Made, tarOf, zipOf } from '../../support/archive.ts'
import { expectRefused, refusal, unpack } from '../../support/unpacking.ts'

/** As APFS does it: what folds to the same is one name. Below the folder that is being filled alone. */
const folded = vi.hoisted(() => (path: unknown) => {
  if (typeof path !== 'string') return path
  const [whole, above = '', below = ''] = /^(.*\.part)(\/.*)$/s.exec(path) ?? []
  return whole === undefined ? path : above + below.normalize('NFKD').toLowerCase().replaceAll('ß', 'ss')
})
const disk = vi.hoisted(() => ({ folds: true }))

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>()
  const fold = (path: unknown) => (disk.folds ? folded(path) : path)
  const one = ['mkdirSync', 'openSync', 'chmodSync'] as const
  const wrapped = one.map((name) => [
    name,
    (path: unknown, ...rest: unknown[]) => Reflect.apply(actual[name], actual, [fold(path), ...rest]),
  ])
  const symlinkSync = (text: string, path: unknown) => Reflect.apply(actual.symlinkSync, actual, [text, fold(path)])
  const linkSync = (from: unknown, to: unknown) => Reflect.apply(actual.linkSync, actual, [fold(from), fold(to)])
  const native = (path: unknown) => Reflect.apply(actual.realpathSync.native, actual, [fold(path)])
  const realpathSync = Object.assign(() => '', { native })
  return { ...actual, ...Object.fromEntries(wrapped), symlinkSync, linkSync, realpathSync }
})

const clashes: readonly (readonly [string, readonly Made[]])[] = [
  ['files in case', [{ name: 'README' }, { name: 'readme' }]],
  ['folders in case', [{ name: 'A/x' }, { name: 'a/y' }]],
  ['folders in case, deep down', [{ name: 'top/A/x' }, { name: 'top/a/y' }]],
  ['a file and a folder in case', [{ name: 'lib' }, { name: 'LIB/x' }]],
  ['a link and a folder (CVE-2026-23950)', [{ name: 'ß', link: '../..' }, { name: 'ss/secret' }]],
  ['a link and a folder (CVE-2021-37712)', [{ name: 'caf\u00e9', link: '../..' }, { name: 'cafe\u0301/secret' }]],
  ['files in their form of Unicode', [{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }]],
]

test.each(clashes)('%s are refused on a disk that takes them for one', async (_what, members) => {
  disk.folds = true
  for (const make of [tarOf, zipOf]) {
    await expectRefused(make(members), {
      message: refusal('another member has the same name on this disk, or stands in its way'),
    })
  }
})

test('they are names like any others on a disk that tells them apart', async () => {
  disk.folds = false
  const members = clashes.flatMap(([, all], i) =>
    all.filter(({ link }) => !link).map((made) => ({ ...made, name: `${i}/${made.name}` })),
  )
  const { unpacked } = await unpack(zipOf(members))
  const written = await unpacked
  expect(written).toHaveLength(members.length)
  const names = new Set(written.map((path) => basename(path)))
  for (const folder of new Set(written.map(dirname)))
    for (const name of await readdir(folder)) if (names.has(name)) names.delete(name)
  expect([...names]).toEqual([])
})
