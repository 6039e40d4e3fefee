import { rmSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { publishCni } from '../support/cni.ts'
import { type Mirror, startMirror } from '../support/mirror.ts'

const cluster = (version: string) => `
import { read, value } from 'lakitu'
import { lockFile } from 'lakitu/kits/artifacts'
export const cluster = value({ components: { cni: { version: '${version}' } } })
export const lock = lockFile(read('lakitu.lock.json'))
`

async function github(): Promise<Mirror> {
  const site = await startMirror()
  onTestFinished(() => site.close())
  return site
}

function project(site: string, version = '1.5.1'): Promise<CliProject> {
  const tasks = `
import { cniPlugins, lockCommand } from 'lakitu/kits/artifacts'
import { cluster, lock } from './cluster.ts'
export const cni = cniPlugins({ spec: cluster.pick(({ components }) => components.cni), lock, site: '${site}' })
export const lockIt = lockCommand({ components: cluster.pick(({ components }) => components), cniSite: '${site}' })
`
  return cliProject(tasks, { 'cluster.ts': cluster(version) })
}

describe('the CNI plugins', () => {
  it('are locked on first use, which is said; the task takes what was locked and nothing else', async () => {
    const site = await github()
    const { paths, sha256, size } = publishCni(site, '1.5.1')
    const p = await project(site.url)
    const { code, stdout, stderr } = await p.run('lock')
    expect([code, stdout]).toEqual([0, 'cni 1.5.1 is locked\n'])
    expect(stderr).toMatch(/^warning: nobody signs the sums of cni 1\.5\.1: .*\(trust on first use\)/m)
    const lock = JSON.parse(p.read('lakitu.lock.json')).products.cni
    expect(lock.sums).toBe(`from ${new URL(site.url).host}, signed by nobody: trust on first use`)
    expect(lock.files).toEqual({
      linux_amd64: { path: paths[0]?.slice(1), sha256, size },
      linux_arm64: { path: paths[1]?.slice(1), sha256, size },
    })
    expect(p.has('lakitu.lock.asc')).toBe(false)

    const asked = site.requests.length
    expect(await p.ran('cni-plugins')).toEqual(['cni-plugins'])
    expect([p.has('.cache/bin/cni/bridge'), p.has('.cache/bin/cni/loopback')]).toEqual([true, true])
    expect(await p.ran('cni-plugins')).toEqual([])
    expect(site.requests.slice(asked)).toHaveLength(1)

    for (const path of paths) site.put(path, 'another archive')
    for (const folder of ['bin', 'downloads', 'lakitu']) rmSync(p.path(`.cache/${folder}`), { recursive: true })
    const other = await p.run('cni-plugins')
    expect([other.code, other.stdout]).toEqual([1, expect.stringMatching(/E_WRONG_SIZE|E_WRONG_SUM/)])
  })

  it('are locked for the platforms that there are, and not where the version is none', async () => {
    const site = await github()
    publishCni(site, '1.5.1', ['amd64'])
    const p = await project(site.url)
    const { stderr } = await p.run('lock')
    expect(stderr).toContain('cni 1.5.1 is not made for linux_arm64: nothing is locked there')
    expect(Object.keys(JSON.parse(p.read('lakitu.lock.json')).products.cni.files)).toEqual(['linux_amd64'])

    p.write('cluster.ts', cluster('1.5.2'))
    const none = await p.run('lock')
    expect([none.code, none.stderr]).toEqual([3, expect.stringMatching(/E_NOT_RESOLVED[\s\S]*answered 404/)])
    p.write('cluster.ts', cluster('1.x'))
    expect(await p.run('lock', '--upgrade')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/E_NO_INDEX[\s\S]*one version of cni/),
    })
  })
})
