import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { value } from 'lakitu'
import validRange from 'semver/ranges/valid.js'
import { describe, expect, test } from 'vitest'
import { binary } from '../../../src/kits/artifacts/index.ts'
import { type Lock, lockedFor, lockFile, lockText, parseLock } from '../../../src/kits/artifacts/lock-file.ts'
import { sumsIn } from '../../../src/kits/artifacts/sums.ts'
import { fits, isVersion, newestOf } from '../../../src/kits/artifacts/versions.ts'
import { get, release, site } from '../../support/artifacts.ts'
import { sumOf } from '../../support/mirror.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
const lock: Lock = {
  products: {
    nomad: {
      version: '2.0.4',
      sums: 'signed by X',
      files: { linux_arm64: { path: 'n/b.zip', sha256: b, size: 7 }, darwin_amd64: { path: 'n/a.zip', sha256: a } },
    },
    consul: { version: '2.0.2', sums: 'from somewhere', files: { linux_arm64: { path: 'c/c.zip', sha256: a } } },
  },
}
const text = `{
  "lockfileVersion": 1,
  "products": {
    "consul": {
      "files": {
        "linux_arm64": { "path": "c/c.zip", "sha256": "${a}" }
      },
      "sums": "from somewhere",
      "version": "2.0.2"
    },
    "nomad": {
      "files": {
        "darwin_amd64": { "path": "n/a.zip", "sha256": "${a}" },
        "linux_arm64": { "path": "n/b.zip", "sha256": "${b}", "size": 7 }
      },
      "sums": "signed by X",
      "version": "2.0.4"
    }
  }
}
`

describe('the lock file', () => {
  test('is written sorted, one file of a release to a line, and read as it was', () => {
    expect(lockText(lock)).toBe(text)
    expect(parseLock(text)).toEqual(lock)
    expect(lockText(parseLock(text))).toBe(text)
    expect(parseLock(lockText({ products: {} }))).toEqual({ products: {} })
  })

  test('of this repository is as lakitu writes it, and says that no signature was checked', () => {
    const own = readFileSync(join(root, 'lakitu.lock.json'), 'utf8')
    expect(lockText(parseLock(own))).toBe(own)
    for (const { sums, files } of Object.values(parseLock(own).products)) {
      expect(sums).toMatch(/tap.*no signature was checked/)
      expect(Object.keys(files)).toEqual(['darwin_amd64', 'darwin_arm64', 'linux_amd64', 'linux_arm64'])
    }
  })

  test.each<[string, string, string, RegExp]>([
    [`${text.slice(0, 40)}\n<<<<<<< HEAD\n`, 'E_LOCK_CONFLICT', 'lakitu.lock.json:4', /merge that was not finished/],
    [text.slice(0, 60), 'E_LOCK_FILE', 'lakitu.lock.json:5', /is not a lock/],
    ['', 'E_LOCK_FILE', 'lakitu.lock.json:1', /is not a lock/],
    ['[]', 'E_LOCK_FILE', 'lakitu.lock.json', /is not a lock/],
    [text.replace(b, 'b'), 'E_LOCK_FILE', 'lakitu.lock.json:14', /sha256: must be 64 lower case/],
    [text.replace('n/b.zip', '../b.zip'), 'E_LOCK_FILE', 'lakitu.lock.json:14', /path below the base/],
    [text.replace('n/b.zip', 'https://evil.example/b.zip'), 'E_LOCK_FILE', 'lakitu.lock.json:14', /path below/],
    [text.replace('"size": 7', '"size": "7"'), 'E_LOCK_FILE', 'lakitu.lock.json:14', /size/],
    [text.replace('Version": 1', 'Version": 2'), 'E_LOCK_NEWER', 'lakitu.lock.json', /newer lakitu/],
  ])('that is wrong is an error with its place', (wrong, code, file, message) => {
    expect(() => parseLock(wrong)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), family: 'usage' }),
    )
    expect(() => parseLock(wrong)).toThrow(expect.objectContaining({ facts: expect.objectContaining({ file }) }))
  })

  test('hands each task its own product and platform, and nothing else', () => {
    const made = binary('nomad', { spec: value({ version: '2.0.4' }), lock: lockFile(text) })
    const { locked } = made.definition.inputs
    const mine = locked?.kind === 'value' ? locked.content() : undefined
    expect(JSON.stringify(mine ?? {})).not.toContain('consul')
    expect(lockedFor(lock, 'nomad', 'linux_arm64')).toEqual({
      version: '2.0.4',
      sums: 'signed by X',
      path: 'n/b.zip',
      sha256: b,
      size: 7,
    })
    expect(lockedFor(lock, 'nomad', 'linux_riscv64')).toBeUndefined()
    expect(lockedFor(lock, 'vault', 'linux_arm64')).toBeUndefined()
    expect(lockedFor(undefined, 'nomad', 'linux_arm64')).toBeUndefined()
  })
})

describe('with the lock', () => {
  test('a site is asked for the zip and for nothing else, from whatever source it comes', async () => {
    const [near, vendor] = [await site(), await site()]
    const { path, sha256 } = await release(vendor)
    const locked = { version: '2.0.4', sums: 'signed by X', path: path.slice(1), sha256 }
    const { got, said } = await get({ site: vendor.url, mirror: near.url, locked })
    expect(await got).toMatchObject({ version: '2.0.4' })
    expect([near.requests, vendor.requests]).toEqual([[path], [path]])
    expect(said.warnings).toEqual([expect.stringContaining('could not serve nomad: answered 404')])
  })

  test('another zip is an error that no other source covers up', async () => {
    const [near, vendor] = [await site(), await site()]
    const { path, sha256 } = await release(vendor)
    near.put(path, 'something else')
    const locked = { version: '2.0.4', sums: 'signed by X', path: path.slice(1), sha256 }
    const { got } = await get({ site: vendor.url, mirror: near.url, locked })
    await expect(got).rejects.toMatchObject({
      code: 'E_WRONG_SUM',
      facts: { expected: sha256, actual: sumOf('something else') },
    })
    expect(vendor.requests).toEqual([])
  })

  test('what was kept is used only if it is what is locked', async () => {
    const vendor = await site()
    const { path, sha256 } = await release(vendor)
    const locked = { version: '2.0.4', sums: 'signed by X', path: path.slice(1), sha256 }
    const first = await get({ site: vendor.url, locked })
    await first.got
    await (await get({ site: vendor.url, locked }, first.root)).got
    expect(vendor.requests).toEqual([path])
    const other = await get({ site: vendor.url, locked: { ...locked, sha256: a } }, first.root)
    await expect(other.got).rejects.toMatchObject({ code: 'E_WRONG_SUM' })
  })

  test('a range is the version that is locked; without one nobody knows', async () => {
    const vendor = await site()
    const { path, sha256 } = await release(vendor)
    const locked = { version: '2.0.4', sums: 'signed by X', path: path.slice(1), sha256 }
    const fitting = await get({ site: vendor.url, locked, spec: { version: '2.0.x' } })
    expect(await fitting.got).toMatchObject({ version: '2.0.4' })
    for (const wrong of [undefined, { ...locked, version: '1.9.7' }]) {
      const { got } = await get({ site: vendor.url, locked: wrong, spec: { version: '~2.0' } })
      await expect(got).rejects.toMatchObject({ code: 'E_NOT_LOCKED', facts: { locked: wrong?.version ?? 'none' } })
    }
  })

  test('a version that is not the locked one is had by its signature, with a word', async () => {
    const vendor = await site()
    const { path } = await release(vendor)
    const locked = { version: '2.0.3', sums: 'signed by X', path: path.slice(1), sha256: a }
    const { got, said } = await get({ site: vendor.url, locked })
    expect(await got).toMatchObject({ version: '2.0.4' })
    expect(said.warnings).toEqual([expect.stringContaining('nomad 2.0.4 is not in lakitu.lock.json')])
  })
})

describe('versions', () => {
  test.each(['2.0.4', '2.0.x', '~2.0', '2', '>=1.9 <3', '2.0.4+ent', '2.1.0-beta.1', '1.8.7~dfsg1'])(
    '%s is one',
    (text) => {
      expect(isVersion(text)).toBe(true)
    },
  )
  test.each(['', ' ', 'newest', '2.0.4;rm', 'v'])('%j is none', (text) => expect(isVersion(text)).toBe(false))

  test.each([
    '2',
    '2.0',
    '2.0.x',
    '2.x.x',
    '2.x.1',
    '~2.0',
    '^2.0.4',
    '02.0.x',
    '2.00',
    '^2.x.9',
    '~2.0.04',
    '2.0.0.x',
  ])('that %s is one or none is known as well without the library for ranges', (text) =>
    expect(isVersion(text)).toBe(validRange(text) !== null),
  )

  test('that people usually write need no library when a cluster is loaded', () => {
    const path = JSON.stringify(join(root, 'src/kits/artifacts/versions.ts'))
    const script = `
      const { createRequire } = await import('node:module')
      const { isVersion } = await import(${path})
      const loaded = () => Object.keys(createRequire(${path}).cache).some((file) => file.includes('semver'))
      const seen = ['2.0.4', '2.0.x', '~2.0', '>=1.9 <3'].map((text) => [isVersion(text), loaded()])
      console.log(JSON.stringify(seen))`
    const words = ['--conditions=lakitu-source', '--input-type=module', '-e', script]
    const said = execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
    const [quick, late] = [
      [true, false],
      [true, true],
    ]
    expect(JSON.parse(said)).toEqual([quick, quick, quick, late])
  })

  test('the newest of a range is no pre-release that nobody named, and no edition', () => {
    const versions = ['1.9.9', '2.0.2', '2.0.10', '2.1.0-beta.1', '2.0.11+ent', '2.0.12-rc.1', 'nonsense', '3.0.0']
    expect(newestOf(versions, '2.0.x')).toBe('2.0.10')
    expect(newestOf(versions, '2.x')).toBe('2.0.10')
    expect(newestOf(versions, '>=2.1.0-beta.1 <2.2.0')).toBe('2.1.0-beta.1')
    expect(newestOf(versions, '4.x')).toBeUndefined()
    expect([fits('2.0.4', '2.0.4'), fits('2.0.4+ent', '2.0.4'), fits('2.0.4', '2.1.x')]).toEqual([true, false, false])
  })

  test('sums are found by the whole name', () => {
    const list = `${a}  x.zip\n${b.toUpperCase()} *y.zip\nnonsense\n`
    expect([...sumsIn(list, 'x')]).toEqual([
      ['x.zip', a],
      ['y.zip', b],
    ])
  })
})
