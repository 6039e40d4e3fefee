import { mkdirSync, writeFileSync } from 'node:fs'
import { chmod, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Task, value } from 'lakitu'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { debianMirror } from '../../../src/kits/artifacts/debian.ts'
import { type Binary, binary } from '../../../src/kits/artifacts/index.ts'
import type { Order } from '../../../src/kits/artifacts/obtain.ts'
import { versionIn } from '../../../src/kits/artifacts/products.ts'
import { hostPlatform, vendorRelease } from '../../../src/kits/artifacts/release.ts'
import { allBelow, get, nowhere, put, release, site } from '../../support/artifacts.ts'
import type { Answer } from '../../support/context.ts'
import { testFolder } from '../../support/folder.ts'
import { fakeBinary, releaseZip, sumOf } from '../../support/mirror.ts'

const unlocked = expect.stringMatching(/^nomad 2\.0\.4 is not in lakitu\.lock\.json: .*\(lakitu lock pins it\)$/)
const program = fakeBinary('nomad', '2.0.4')
const there: Binary = {
  product: 'nomad',
  version: '2.0.4',
  path: '.cache/bin/nomad/nomad',
  sha256: sumOf(program),
}

describe('the vendor', () => {
  test('serves a release: its sum is checked, only the program is unpacked', async () => {
    const vendor = await site()
    await release(vendor)
    const { got, root, said } = await get({ site: vendor.url })
    expect(await got).toEqual({ ...there, source: new URL(vendor.url).host })
    expect(await readdir(join(root, '.cache/bin/nomad'))).toEqual(['nomad'])
    expect((await stat(join(root, there.path))).mode & 0o777).toBe(0o755)
    expect(said.warnings).toEqual([unlocked])
  })

  test('is not asked for the zip again while what the cache holds is right', async () => {
    const vendor = await site()
    const { path, sha256 } = await release(vendor)
    const first = await get({ site: vendor.url })
    await first.got
    const zips = () => vendor.requests.filter((request) => request === path).length
    expect(await (await get({ site: vendor.url }, first.root)).got).toEqual({
      ...there,
      source: 'the cache of downloads',
    })
    expect(zips()).toBe(1)

    const kept = join(first.root, '.cache/downloads/sha256', sha256.slice(0, 2), sha256)
    await chmod(kept, 0o644)
    await writeFile(kept, 'damaged')
    const third = await get({ site: vendor.url }, first.root)
    expect(await third.got).toEqual({ ...there, source: new URL(vendor.url).host })
    expect(third.said.warnings).toContainEqual(expect.stringMatching(/damaged/))
    expect(zips()).toBe(2)
  })

  test('leaves nothing of a run that was killed beside the program', async () => {
    const vendor = await site()
    await release(vendor)
    const root = await testFolder()
    await put(root, '.cache/bin/nomad/nomad.1.part', 'half')
    await (await get({ site: vendor.url }, root)).got
    expect(await readdir(join(root, '.cache/bin/nomad'))).toEqual(['nomad'])
  })

  test('with a wrong sum is an error that no other source covers up', async () => {
    const [bad, good] = [await site(), await site()]
    await release(bad, { wrongSum: true })
    await release(good)
    const { got, root } = await get({ mirror: bad.url, site: good.url })
    await expect(got).rejects.toMatchObject({ code: 'E_WRONG_SUM', facts: { expected: sumOf('something else') } })
    expect(good.requests).toEqual([])
    expect(await allBelow(join(root, '.cache'))).not.toContainEqual(expect.stringContaining(sumOf('something else')))
  })

  test('is believed only as far as the sum in the specification', async () => {
    const vendor = await site()
    const { sha256 } = await release(vendor)
    const right = await get({ site: vendor.url, spec: { version: '2.0.4', sha256 } })
    expect(await right.got).toMatchObject(there)
    const wrong = await get({ site: vendor.url, spec: { version: '2.0.4', sha256: sumOf('mine') } }, right.root)
    await expect(wrong.got).rejects.toMatchObject({
      code: 'E_WRONG_SUM',
      facts: { expected: sumOf('mine'), actual: sha256 },
    })
  })

  test('whose program tells another version is believed, with a word', async () => {
    const vendor = await site()
    await release(vendor, { binary: fakeBinary('nomad', '1.9.7') })
    const { got, said } = await get({ site: vendor.url })
    expect(await got).toMatchObject({ version: '1.9.7' })
    expect(said.warnings).toEqual([unlocked, expect.stringMatching(/^nomad 1\.9\.7 is used, not 2\.0\.4/)])
  })

  test('whose program is another one is an error', async () => {
    const vendor = await site()
    await release(vendor, { binary: fakeBinary('consul', '2.0.2') })
    const { got } = await get({ site: vendor.url })
    await expect(got).rejects.toMatchObject({
      code: 'E_WRONG_BINARY',
      facts: { reason: 'it answered: Consul v2.0.2' },
    })
  })
})

describe('a mirror', () => {
  test('comes before the vendor and is named', async () => {
    const [near, vendor] = [await site(), await site()]
    await release(near)
    await release(vendor)
    const { got } = await get({ mirror: `${near.url}/`, site: vendor.url })
    expect(await got).toEqual({ ...there, source: `the mirror ${near.url}` })
    expect(vendor.requests).toEqual([])
  })

  test.each([
    ['unreachable', /could not serve nomad: cannot be reached: .*ECONNREFUSED/],
    ['without the release', /could not serve nomad: answered 404 Not Found$/],
  ])('%s: a warning, and the vendor', async (how, why) => {
    const [near, vendor] = [await site(), await site()]
    await release(vendor)
    const { got, said } = await get({ mirror: how === 'unreachable' ? nowhere : near.url, site: vendor.url })
    expect(await got).toMatchObject({ source: new URL(vendor.url).host })
    expect(said.warnings).toEqual([expect.stringMatching(why), unlocked])
  })

  test('that is no address is a mistake of the person', async () => {
    const { got } = await get({ mirror: 'mirror.example' })
    await expect(got).rejects.toMatchObject({ code: 'E_MIRROR', family: 'usage' })
    const named = await get({ mirror: 'ftp://me:hunter2@mirror.example' })
    await expect(named.got).rejects.toMatchObject({ facts: { LAKITU_MIRROR: 'ftp://mirror.example' } })
  })

  test('with a password does not show it', async () => {
    const near = await site()
    await release(near)
    const { got } = await get({ mirror: near.url.replace('http://', 'http://me:secret@') })
    expect((await got).source).toBe(`the mirror ${near.url}`)
  })
})

describe('a named file', () => {
  test('may be the program itself', async () => {
    const root = await testFolder()
    const file = await put(root, 'mine/nomad-dev', program)
    expect(await (await get({ file }, root)).got).toEqual({ ...there, source: `the file ${file} (LAKITU_NOMAD)` })
    expect(await (await get({ spec: { version: '2.0.4', file: 'mine/nomad-dev' } }, root)).got).toEqual({
      ...there,
      source: `the file ${file} (the specification)`,
    })
  })

  test('may be a release zip, under any name', async () => {
    const root = await testFolder()
    const file = await put(root, 'mine', releaseZip('nomad', program))
    expect(await (await get({ file }, root)).got).toMatchObject(there)
  })

  test('is checked against the sum beside it', async () => {
    const root = await testFolder()
    await put(root, 'mine', program)
    const spec = { version: '2.0.4', file: 'mine' }
    expect(await (await get({ spec: { ...spec, sha256: sumOf(program) } }, root)).got).toMatchObject(there)
    const wrong = await get({ spec: { ...spec, sha256: sumOf('x') } }, root)
    await expect(wrong.got).rejects.toMatchObject({ code: 'E_WRONG_SUM' })
  })

  test('that is wrong is an error, not a reason to ask others', async () => {
    const vendor = await site()
    await release(vendor)
    const root = await testFolder()
    await put(root, 'zip', releaseZip('consul', 'x'))
    await put(root, 'text', 'not a program')
    for (const [file, expected] of [
      ['absent', { code: 'E_NAMED_FILE', family: 'usage', message: 'The file that LAKITU_NOMAD names is not there' }],
      ['.', { code: 'E_NAMED_FILE', message: 'What LAKITU_NOMAD names is not a file' }],
      ['zip', { code: 'E_ARCHIVE_MEMBER', facts: { holds: 'LICENSE.txt and consul' } }],
      ['text', { code: 'E_WRONG_BINARY' }],
    ] as const) {
      await expect((await get({ file, site: vendor.url }, root)).got, file).rejects.toMatchObject(expected)
    }
    expect(vendor.requests).toEqual([])
  })
})

describe("Debian's package", () => {
  const uri = 'http://archive.example/debian'
  const consul: Partial<Order> = { product: 'consul', variable: 'LAKITU_CONSUL', spec: { version: '2.0.2' } }

  /** Plays apt-get and dpkg-deb in the way that the real ones work. */
  function debian(root: string, failing?: string): Answer {
    return (name, args) => {
      if (name === 'dpkg-deb') return unpacked(args)
      if (name !== 'apt-get') return undefined
      if (args[0] === 'indextargets')
        return { stdout: `http://sec.example|Debian|Debian-Security|main\n${uri}|Debian|Debian|main\n` }
      if (failing !== undefined && args.includes(failing))
        return { code: 100, stderr: 'E: The repository is not signed.\n' }
      return args.includes('download') ? downloaded(args) : {}
    }
    function downloaded(args: readonly string[]) {
      const list = args.find((arg) => arg.startsWith('Dir::Etc::SourceList='))?.split('=')[1] ?? root
      writeFileSync(join(dirname(list), 'consul_1.8.7+dfsg1-2_amd64.deb'), 'a package')
      return {}
    }
    function unpacked([, , to = root]: readonly string[]) {
      mkdirSync(join(to, 'usr/bin'), { recursive: true })
      writeFileSync(join(to, 'usr/bin/consul'), fakeBinary('consul', '1.8.7'), { mode: 0o755 })
      return {}
    }
  }

  test('serves when nobody else does, with its own version and a word about it', async () => {
    const root = await testFolder()
    const { got, said } = await get(consul, root, debian(root))
    expect(await got).toMatchObject({ version: '1.8.7', source: 'the package consul 1.8.7+dfsg1-2 of Debian 11' })
    expect(said.warnings).toEqual([
      'consul 1.8.7 is used, not 2.0.2: it is what the package consul 1.8.7+dfsg1-2 of Debian 11 has',
    ])
    expect(await readdir(join(root, `.cache/downloads/kept/debian/bullseye-${process.arch}-consul/files`))).toEqual([
      'consul_1.8.7+dfsg1-2_amd64.deb',
    ])
    const again = await get(consul, root, debian(root, 'update'))
    expect(await again.got).toEqual(await got)
    expect(again.said.programs.some((line) => line.startsWith('apt-get'))).toBe(false)
  })

  test('that cannot be had is one reason among the others', async () => {
    const root = await testFolder()
    const { got } = await get(consul, root, debian(root, 'update'))
    await expect(got).rejects.toMatchObject({
      code: 'E_UNAVAILABLE',
      facts: { "the distribution's package": 'apt-get update: E: The repository is not signed.' },
    })
    expect(await allBelow(join(root, '.cache'))).toEqual([])
  })

  test("is looked for at the machine's own mirror, never at its security updates", () => {
    expect(
      debianMirror(`${uri}/sec|Debian|Debian-Security|main\n${uri}|Debian|Debian|contrib\n${uri}|Debian|Debian|main\n`),
    ).toBe(uri)
    expect(debianMirror('http://u.example|Ubuntu|Ubuntu|main\n')).toBeUndefined()
  })
})

describe('what cannot be had', () => {
  test('is told with every source and its reason, and what to do', async () => {
    const { got } = await get({})
    const failure = await got.catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'E_UNAVAILABLE',
      family: 'world',
      message: 'No source has nomad 2.0.4',
      facts: {
        LAKITU_NOMAD: 'not set',
        LAKITU_MIRROR: 'not set',
        '127.0.0.1:9': expect.stringMatching(/^cannot be reached: .*ECONNREFUSED/),
        "the distribution's package": 'no release of Debian has nomad',
      },
      next: expect.stringContaining('export LAKITU_NOMAD=<path>'),
    })
  })

  test('is left out where the specification and the task say so, and only there', async () => {
    const spec = { version: '2.0.4', ifUnavailable: 'leave out' } as const
    const { got, said } = await get({ spec, mayBeLeftOut: true })
    await expect(got).rejects.toThrow('left out')
    expect(said.leftOut).toEqual([expect.stringMatching(/^nomad 2\.0\.4 cannot be had \(LAKITU_NOMAD: not set; /)])
    await expect((await get({ spec })).got).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
    await expect((await get({ mayBeLeftOut: true })).got).rejects.toMatchObject({ code: 'E_UNAVAILABLE' })
  })

  test('is left out when the cluster does not have it', async () => {
    const { got, said } = await get({ spec: undefined })
    await expect(got).rejects.toThrow('left out')
    expect(said.leftOut).toEqual(['the cluster has no nomad'])
  })
})

describe('the task', () => {
  test('declares its file, its variables, and the content of a named file', () => {
    const spec = value(() => ({ version: '2.0.4', file: 'mine/nomad' }))
    const made: Task<Binary> = binary('nomad', { spec })
    expect(made.name).toBe('nomad-bin')
    expect(made.definition.outputs).toEqual([{ kind: 'path', path: '.cache/bin/nomad/nomad' }])
    const { file, mirror, content } = made.definition.inputs
    expect(file).toMatchObject({ variable: 'LAKITU_NOMAD' })
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('LAKITU_MIRROR', 'https://me:hunter2@mirror.example/releases/')
    expect(mirror?.kind === 'value' && mirror.content()).toBe('https://mirror.example/releases')
    expect(content).toMatchObject({ kind: 'files', patterns: ['mine/nomad'] })
  })

  test('may be left out only in its type, too', () => {
    const made: Task<Binary | undefined> = binary('nomad', { spec: value({ version: '2.0.4' }), mayBeLeftOut: true })
    expect(made.definition.mayBeLeftOut).toBe(true)
  })
})

test('names of the vendor', () => {
  expect(vendorRelease('consul', '2.0.2')).toMatchObject({ sums: 'consul_2.0.2_SHA256SUMS', folder: 'consul/2.0.2' })
  expect(vendorRelease('consul', '2.0.2').file('linux_arm64')).toBe('consul_2.0.2_linux_arm64.zip')
  expect([hostPlatform('x64'), hostPlatform('arm64')]).toEqual(['linux_amd64', 'linux_arm64'])
})

test.each([
  ['Consul v1.8.7+dfsg1\nRevision x', 'consul', '1.8.7'],
  ['Nomad v2.0.5-dev\n', 'nomad', '2.0.5-dev'],
  ['consul-template v0.42.1 (abc)', 'consul-template', '0.42.1'],
  ['Nomad v2.0.5', 'consul', undefined],
  ['', 'consul', undefined],
])('%j of %s is %s', (output, product, expected) => {
  expect(versionIn(output, product)).toBe(expected)
})
