import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { type Mirror, startMirror } from '../support/mirror.ts'
import { index, newKey, publish, type SigningKey } from '../support/signing.ts'

let key: SigningKey
let mirrorKey: SigningKey
beforeAll(async () => {
  key = await newKey()
  mirrorKey = await newKey()
})

const cluster = (consul: string, nomad?: string) => `
import { read, value } from 'lakitu'
import { lockFile } from 'lakitu/kits/artifacts'
const components = { consul: { version: '${consul}' }${nomad === undefined ? '' : `, nomad: { version: '${nomad}' }`} }
export const cluster = value({ components })
export const lock = lockFile(read('lakitu.lock.json'))
`

async function vendor(): Promise<Mirror> {
  const site = await startMirror()
  onTestFinished(() => site.close())
  for (const version of ['2.0.1', '2.0.2', '2.1.0-beta.1']) await publish(site, ['consul', version], { key })
  await publish(site, ['nomad', '2.0.4'], { key })
  return site
}

async function project(site: string, consul = '2.0.x', nomad?: string): Promise<CliProject> {
  const tasks = `
import { binary, lockCommand } from 'lakitu/kits/artifacts'
import { cluster, lock } from './cluster.ts'
const vendor = { site: '${site}', fingerprint: '${key.fingerprint}' }
export const consul = binary('consul', { spec: cluster.pick(({ components }) => components.consul), lock, ...vendor })
export const nomad = binary('nomad', { spec: cluster.pick(({ components }) => components.nomad), lock, mayBeLeftOut: true, ...vendor })
export const lockIt = lockCommand({ components: cluster.pick(({ components }) => components), ...vendor })
`
  return cliProject(tasks, { 'cluster.ts': cluster(consul, nomad) })
}

const nowhere = 'http://127.0.0.1:9'
const versions = (p: CliProject) =>
  Object.fromEntries(
    [...p.read('lakitu.lock.json').matchAll(/"(\w+)": \{\n {6}"files"[\s\S]*?"version": "(.*?)"/g)].map(
      ([, name, version]) => [name, version],
    ),
  )

describe('lakitu lock', () => {
  it('pins the newest of each range by the signed sums, keeps the key beside it, and has nothing to do then', async () => {
    const site = await vendor()
    const p = await project(site.url, '2.0.x', '2.0.4')
    const first = await p.run('lock')
    expect(first).toMatchObject({ code: 0, stdout: 'consul 2.0.2 is locked\nnomad 2.0.4 is locked\n' })
    expect(first.stderr).toContain('is not made for')
    expect(versions(p)).toEqual({ consul: '2.0.2', nomad: '2.0.4' })
    expect(p.read('lakitu.lock.json')).toContain(`"sums": "signed by ${key.fingerprint}"`)
    expect(p.read('lakitu.lock.asc')).toContain('BEGIN PGP PUBLIC KEY BLOCK')

    const asked = site.requests.length
    const text = p.read('lakitu.lock.json')
    expect(await p.run('lock')).toEqual({ code: 0, stdout: 'Nothing has changed.\n', stderr: '' })
    expect(await p.run('lock', '--check')).toMatchObject({ code: 0, stdout: 'The lock is as the cluster wants it.\n' })
    expect([site.requests.length, p.read('lakitu.lock.json')]).toEqual([asked, text])
  })

  it('lets the tasks fetch the zip and nothing else, and another product’s new version leaves them fresh', async () => {
    const site = await vendor()
    const p = await project(site.url, '2.0.x', '2.0.4')
    await p.run('lock')
    const asked = site.requests.length
    expect(await p.ran('consul-bin', 'nomad-bin')).toEqual(['consul-bin', 'nomad-bin'])
    expect(site.requests.slice(asked).every((path) => path.endsWith('.zip'))).toBe(true)

    await publish(site, ['consul', '2.0.10'], { key })
    expect((await p.run('lock', '--upgrade')).stdout).toBe('consul 2.0.2 → 2.0.10\n')
    expect(await p.ran('consul-bin', 'nomad-bin')).toEqual(['consul-bin'])
  })

  it('upgrades what is named alone, within its range, never back and never what is exact', async () => {
    const site = await vendor()
    const p = await project(site.url, '~2.0', '2.0.4')
    await p.run('lock')
    await publish(site, ['consul', '2.0.3'], { key })
    await publish(site, ['nomad', '2.0.5'], { key })
    const nomad = await p.run('lock', '--upgrade', 'nomad')
    expect([nomad.stdout, nomad.stderr]).toEqual(['Nothing has changed.\n', expect.stringContaining('exactly 2.0.4')])
    expect((await p.run('lock', '--upgrade', 'consul', '--json')).stdout).toBe(
      `${JSON.stringify({ changes: [{ product: 'consul', from: '2.0.2', to: '2.0.3' }] }, null, 2)}\n`,
    )
    index(site, 'consul', ['2.0.1'])
    expect((await p.run('lock', '--upgrade', 'consul')).stdout).toBe('Nothing has changed.\n')
    expect(versions(p)).toEqual({ consul: '2.0.3', nomad: '2.0.4' })
  })

  it('--check names what is missing, stale and too much, asks nobody and writes nothing', async () => {
    const site = await vendor()
    const p = await project(site.url, '2.0.x', '2.0.4')
    const none = await p.run('lock', '--check')
    expect([none.code, none.stderr]).toEqual([
      4,
      expect.stringMatching(
        /E_LOCK_STALE[\s\S]*consul +2\.0\.x is not locked[\s\S]*nomad +2\.0\.4 is not[\s\S]*\n +lakitu lock/,
      ),
    ])
    expect(p.has('lakitu.lock.json')).toBe(false)
    await p.run('lock')
    const asked = site.requests.length
    p.write('cluster.ts', cluster('2.1.x'))
    const stale = await p.run('lock', '--check')
    expect([stale.code, stale.stderr]).toEqual([
      4,
      expect.stringMatching(
        /consul +locked is 2\.0\.2, the cluster wants 2\.1\.x[\s\S]*nomad +locked, but not in the cluster/,
      ),
    ])
    const json = await p.run('lock', '--check', '--json')
    expect([json.code, Object.keys(JSON.parse(json.stdout).drift)]).toEqual([4, ['consul', 'nomad']])
    expect(site.requests).toHaveLength(asked)
    p.write('cluster.ts', cluster('2.0.1'))
    expect((await p.run('lock')).stdout).toBe(
      'consul 2.0.2 → 2.0.1\nnomad 2.0.4 is locked no more: the cluster has none\n',
    )
  })

  it('has the sizes that the site tells without sending a file, and one word about what it does not tell', async () => {
    const site = await vendor()
    const { list, sums, path } = await publish(site, ['consul', '2.0.2'], { key })
    const elsewhere = path.replace(/linux_\w+/, 'darwin_arm64')
    const both = `${list}${'d'.repeat(64)}  ${elsewhere.split('/').at(-1)}\n`
    site.put(sums, both)
    site.put(`${sums}.sig`, await key.sign(both))
    const p = await project(site.url)
    const first = await p.run('lock')
    expect([first.code, first.stderr.match(/^.*does not tell.*$/gm)]).toEqual([
      0,
      [expect.stringMatching(/the size of consul 2\.0\.2 for darwin_arm64 \(answered 404 Not Found\): only the sum/)],
    ])
    const zip = site.files.get(path)
    const size = Buffer.isBuffer(zip) ? zip.length : 0
    expect(p.read('lakitu.lock.json').match(/linux.*"size": (\d+) }/)?.[1]).toBe(String(size))
    expect(p.read('lakitu.lock.json')).toMatch(/darwin_arm64.*"d{64}" }/)
    expect(site.sent(path)).toBe(0)

    p.write('lakitu.lock.json', p.read('lakitu.lock.json').replace(`"size": ${size}`, `"size": ${size + 1}`))
    expect((await p.run('consul-bin')).stdout).toContain('E_WRONG_SIZE')
  })

  it('works without a network where nothing has to be asked, and says what cannot be had where it has', async () => {
    const site = await vendor()
    const p = await project(site.url)
    await p.run('lock')
    await site.close()
    expect(await p.run('lock')).toMatchObject({ code: 0, stdout: 'Nothing has changed.\n' })
    const text = p.read('lakitu.lock.json')
    const { code, stderr } = await p.run('lock', '--upgrade')
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^E_NOT_RESOLVED: Nobody can tell which versions of consul[\s\S]*cannot be reached/),
    ])
    expect(p.read('lakitu.lock.json')).toBe(text)
  })

  it('--offline asks nobody: it works where nothing has to be asked, and names all that has', async () => {
    const site = await vendor()
    const p = await project(site.url)
    await p.run('lock')
    const asked = site.requests.length
    expect(await p.run('lock', '--offline')).toEqual({ code: 0, stdout: 'Nothing has changed.\n', stderr: '' })
    expect(await p.run('lock', '--check', '--offline')).toMatchObject({ code: 0 })
    // The index and the sums are in the cache of downloads, but who knows what is new?
    const upgraded = await p.run('lock', '--upgrade', '--offline')
    expect([upgraded.code, upgraded.stderr]).toEqual([
      3,
      expect.stringMatching(/^E_OFFLINE: [\s\S]*consul +the newest version of 2\.0\.x, and its sums/),
    ])
    p.write('cluster.ts', cluster('2.1.x', '2.0.4'))
    const { code, stderr } = await p.start(['lock'], { LAKITU_OFFLINE: '1' }).ended
    expect([code, stderr]).toEqual([3, expect.stringMatching(/consul +the newest[\s\S]*nomad +the sums of 2\.0\.4/)])
    expect([versions(p), site.requests.length]).toEqual([{ consul: '2.0.2' }, asked])
  })

  it('writes nothing where a signature is wrong', async () => {
    const site = await vendor()
    await publish(site, ['consul', '2.0.2'], { key, signed: 'another list' })
    const p = await project(site.url)
    const { code, stderr } = await p.run('lock')
    expect([code, stderr]).toEqual([1, expect.stringContaining('E_SIGNATURE_WRONG')])
    expect([p.has('lakitu.lock.json'), p.has('lakitu.lock.asc')]).toEqual([false, false])
  })

  it('takes what a mirror has, by the mirror’s own key where that is trusted', async () => {
    const mirror = await startMirror()
    onTestFinished(() => mirror.close())
    await publish(mirror, ['consul', '2.0.2'], { key: mirrorKey })
    const p = await project(nowhere)
    p.write('mirror.asc', mirrorKey.armored)
    const refused = await p.start(['lock'], { LAKITU_MIRROR: mirror.url }).ended
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('E_WRONG_KEY')])
    const trusted = { LAKITU_MIRROR: mirror.url, LAKITU_MIRROR_KEY: 'mirror.asc' }
    const { code, stderr, stdout } = await p.start(['lock'], trusted).ended
    expect([code, stdout]).toEqual([0, 'consul 2.0.2 is locked\n'])
    expect(stderr).toMatch(/warning: the mirror .* signs with a key of its own.*([0-9A-F]{4} ?){10}/)
    expect(p.read('lakitu.lock.json')).toContain(`signed by ${mirrorKey.fingerprint}, the mirror's own key`)
    expect(p.has('lakitu.lock.asc')).toBe(false)
    expect((await p.start(['consul-bin'], { LAKITU_MIRROR: mirror.url }).ended).code).toBe(0)
  })

  it('tells the place of what is wrong with the lock, where it is used', async () => {
    const site = await vendor()
    const p = await project(site.url)
    await p.run('lock')
    p.write('lakitu.lock.json', p.read('lakitu.lock.json').replace(/^.*"sums"/m, '<<<<<<< HEAD\n$&'))
    for (const args of [['lock'], ['lock', '--check'], ['consul-bin']]) {
      const { code, stdout, stderr } = await p.run(...args)
      expect(`${stdout}${stderr}`).toMatch(/E_LOCK_CONFLICT[\s\S]*lakitu\.lock\.json:\d+/)
      expect(code).toBe(2)
    }
    expect((await p.run('list')).code).toBe(0)
  })

  it.each([
    [['lock', 'consul'], /named with --upgrade alone/],
    [['lock', '--upgrade', 'vault'], /The cluster has no vault/],
    [['lock', '--upgrade', '--check'], /exclude each other/],
    [['lock', '--upgarde'], /unknown option '--upgarde'\n\(Did you mean --upgrade\?\)/],
  ])('%j is wrong usage', async (args, text) => {
    const { code, stderr } = await (await project(nowhere)).run(...args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(text)])
  })
})
