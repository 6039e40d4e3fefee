import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Task, value } from 'lakitu'
import { describe, expect, test } from 'vitest'
import { type Binary, cniPlugins } from '../../../src/kits/artifacts/index.ts'
import type { Order } from '../../../src/kits/artifacts/obtain.ts'
import { productOf } from '../../../src/kits/artifacts/products.ts'
import { defineCluster } from '../../../src/kits/cluster/index.ts'
import { allBelow, get, put, site } from '../../support/artifacts.ts'
import { cniArchive, fakePlugin, publishCni } from '../../support/cni.ts'
import type { Answer } from '../../support/context.ts'
import { testFolder } from '../../support/folder.ts'
import { sumOf } from '../../support/mirror.ts'

const spec = { version: '1.5.1' }
const cni: Partial<Order> = { product: 'cni', variable: 'LAKITU_CNI', spec }
const plugin = (name: string, version = 'v1.5.1') => sumOf(fakePlugin(name, version))
const all = (version?: string) => `${plugin('bridge', version)}  bridge\n${plugin('loopback', version)}  loopback\n`
const there: Binary = { product: 'cni', version: '1.5.1', path: '.cache/bin/cni', sha256: sumOf(all()) }
const arch = process.arch === 'x64' ? 'amd64' : process.arch

/** A site with the plugins, and the path of those for this machine. */
async function withPlugins() {
  const of = await site()
  const { paths, sha256 } = publishCni(of, '1.5.1')
  return { of, path: paths.find((one) => one.includes(`-${arch}-`)) ?? '', sha256 }
}

describe('the CNI plugins', () => {
  test.each(['GitHub', 'a mirror'])('come from %s by their locked sum, all of them into one folder', async (where) => {
    const { of, path, sha256 } = await withPlugins()
    const locked = { version: '1.5.1', sums: 'trust on first use', path: path.slice(1), sha256 }
    const { got, root } = await get({ ...cni, locked, ...(where === 'GitHub' ? { site: of.url } : { mirror: of.url }) })
    expect(await got).toMatchObject(there)
    expect((await readdir(join(root, there.path))).sort()).toEqual(['bridge', 'loopback'])
    expect(await readFile(join(root, there.path, 'loopback'), 'utf8')).toBe(fakePlugin('loopback', 'v1.5.1'))
    expect((await stat(join(root, there.path, 'bridge'))).mode & 0o777).toBe(0o755)
    expect(of.requests).toEqual([path])
  })

  test('are pinned by a sum in the cluster, too, and nothing else is taken', async () => {
    const { of, sha256 } = await withPlugins()
    const right = await get({ ...cni, site: of.url, spec: { ...spec, sha256 } })
    expect(await right.got).toMatchObject(there)
    const wrong = await get({ ...cni, site: of.url, spec: { ...spec, sha256: sumOf('mine') } })
    await expect(wrong.got).rejects.toMatchObject({ code: 'E_WRONG_SUM' })
  })

  test('are asked of nobody without a sum, since whoever serves them serves any sum of them', async () => {
    const { of } = await withPlugins()
    const { got, said } = await get({ ...cni, site: of.url, mirror: of.url }, undefined, () => ({ stdout: '' }))
    await expect(got).rejects.toMatchObject({
      code: 'E_UNAVAILABLE',
      facts: { [new URL(of.url).host]: 'nobody signs its sums, and lakitu.lock.json has none of 1.5.1 (lakitu lock)' },
      next: expect.stringContaining('Name a release .tgz of the CNI plugins:  export LAKITU_CNI=<path>'),
    })
    expect(said.warnings.map((text) => text.replace(/:? nobody.*/, ''))).toEqual([
      `The mirror ${of.url} could not serve cni`,
      `${new URL(of.url).host} is not asked for cni 1.5.1`,
    ])
    expect(of.requests).toEqual([])
  })

  test('may be a file that a person names, which must be what it is called', async () => {
    const root = await testFolder()
    const file = await put(root, 'mine.tgz', cniArchive('1.5.1'))
    expect(await (await get({ ...cni, file }, root)).got).toEqual({
      ...there,
      source: `the file ${file} (LAKITU_CNI)`,
    })
    const [text, other] = [await put(root, 'text', 'no archive'), await testFolder()]
    await expect((await get({ ...cni, file: text }, other)).got).rejects.toMatchObject({ code: 'E_ARCHIVE' })
    await expect((await get({ ...cni, file: 'absent' }, root)).got).rejects.toMatchObject({
      code: 'E_NAMED_FILE',
      next: expect.stringContaining('Name a release .tgz of the CNI plugins, or take LAKITU_CNI away'),
    })
  })

  test('leave nothing of a run that was killed, and alone what others make beside them', async () => {
    const root = await testFolder()
    const file = await put(root, 'mine.tgz', cniArchive('1.5.1'))
    for (const half of ['cni.part/usr/lib/cni/bridge', 'other.1.part/file'])
      await put(root, `.cache/bin/${half}`, 'half')
    expect(await (await get({ ...cni, file }, root)).got).toMatchObject(there)
    expect((await readdir(join(root, '.cache/bin'))).sort()).toEqual(['cni', 'other.1.part'])
  })

  test('that say another version are used with a word; what is no plugin is an error', async () => {
    const root = await testFolder()
    const file = await put(root, 'mine.tgz', cniArchive('1.4.0'))
    const { got, said } = await get({ ...cni, file }, root)
    expect(await got).toMatchObject({ version: '1.4.0' })
    expect(said.warnings).toEqual([expect.stringMatching(/^cni 1\.4\.0 is used, not 1\.5\.1/)])
    const wrong = await get({ ...cni, file }, await testFolder(), (program) =>
      program.endsWith('/bridge') ? { stderr: 'who knows\n' } : undefined,
    )
    await expect(wrong.got).rejects.toMatchObject({
      code: 'E_WRONG_BINARY',
      facts: { tried: 'bridge', reason: 'it answered: who knows' },
    })
  })

  test.each([
    ['CNI bridge plugin v1.5.1\nCNI protocol versions supported: 0.1.0\n', '1.5.1'],
    ['CNI bridge plugin version unknown\nCNI protocol', 'unknown'],
    ['CNI loopback plugin v1.5.1\n', undefined],
    ['', undefined],
  ])('%j says %s', (said, version) => expect(productOf('cni').versionIn(said)).toBe(version))
})

describe("Debian's package of them", () => {
  /** Plays apt-get and dpkg-deb in the way that the real ones work. */
  const debian: Answer = (name, args) => {
    if (name === 'dpkg-deb') {
      const folder = join(args[2] ?? '', 'usr/lib/cni')
      mkdirSync(folder, { recursive: true })
      for (const one of ['bridge', 'loopback'])
        writeFileSync(join(folder, one), fakePlugin(one, 'version unknown'), { mode: 0o755 })
      return {}
    }
    if (name !== 'apt-get') return undefined
    if (args[0] === 'indextargets') return { stdout: 'http://archive.example/debian|Debian|Debian|main\n' }
    if (!args.includes('download')) return {}
    const list = args.find((arg) => arg.startsWith('Dir::Etc::SourceList='))?.split('=')[1] ?? ''
    writeFileSync(join(dirname(list), `${args.at(-1)}_1.1.1+ds1-3+b5_amd64.deb`), 'a package')
    return {}
  }

  test('serves when nobody else does; where its plugins do not know their version, the package does', async () => {
    const { got, said, root } = await get(cni, undefined, debian)
    expect(await got).toEqual({
      ...there,
      version: '1.1.1',
      sha256: sumOf(all('version unknown')),
      source: 'the package containernetworking-plugins 1.1.1+ds1-3+b5 of Debian 12',
    })
    expect(said.warnings.slice(1)).toEqual([
      expect.stringMatching(/^cni 1\.1\.1 is used, not 1\.5\.1: it is what the package/),
    ])
    expect(await allBelow(join(root, '.cache/bin'))).toHaveLength(2)
    expect(await readdir(join(root, '.cache/bin'))).toEqual(['cni'])
  })
})

describe('the task cni-plugins', () => {
  test('makes a folder, counts what a person names, and may be left out', () => {
    const made: Task<Binary | undefined> = cniPlugins({ spec: value({ ...spec, file: 'a.tgz' }), mayBeLeftOut: true })
    expect(made.name).toBe('cni-plugins')
    expect(made.definition).toMatchObject({ outputs: [{ kind: 'path', path: '.cache/bin/cni' }], mayBeLeftOut: true })
    const { file, content, wanted } = made.definition.inputs
    expect([file, content]).toMatchObject([{ variable: 'LAKITU_CNI' }, { patterns: ['a.tgz'] }])
    expect(wanted?.kind === 'value' && wanted.content()).toMatchObject({ vendor: { site: 'https://github.com' } })
  })

  test('is left out where the cluster has none', async () => {
    const { got, said } = await get({ ...cni, spec: undefined })
    await expect(got).rejects.toThrow('left out')
    expect(said.leftOut).toEqual(['the cluster has no cni'])
  })

  test('gets its specification from the components of a cluster', () => {
    const hosts = { lakitu: { role: 'server' } } as const
    const { components } = defineCluster({ name: 'toy', hosts, components: { cni: spec } })
    expect(components.cni).toEqual({ version: '1.5.1', ifUnavailable: 'fail' })
  })
})
