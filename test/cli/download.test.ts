import { describe, expect, it, onTestFinished } from 'vitest'
import { zipOf } from '../support/archive.ts'
import { type CliProject, cliProject } from '../support/cli.ts'
import { type Mirror, startMirror, sumOf } from '../support/mirror.ts'

const zip = zipOf([
  { name: 'README', content: 'read me\n' },
  { name: 'bin/tool', content: '#!/bin/sh\necho tool\n', mode: 0o755 },
])

async function server(): Promise<Mirror> {
  const started = await startMirror()
  onTestFinished(() => started.close())
  started.put('/files/tool.zip', zip)
  return started
}

function project(url: string, options: string, sha256 = sumOf(zip)): Promise<CliProject> {
  return cliProject(`
import { task } from 'lakitu'
import { download } from 'lakitu/kits/artifacts'
export const tool = download('tool', { url: '${url}', sha256: '${sha256}', ${options} })
export const told = task('told', { needs: { tool }, run: ({ needs: { tool }, log }) => log(JSON.stringify(tool)) })
`)
}

describe('download', () => {
  it('makes the file, tells what it is, and asks nobody again', async () => {
    const of = await server()
    const p = await project(`${of.url}/files/tool.zip`, `to: 'lib/tool.zip'`)
    const { stdout } = await p.run('told')
    const value = { path: 'lib/tool.zip', sha256: sumOf(zip), size: zip.length, source: `${of.url}/files/tool.zip` }
    expect(stdout).toContain(JSON.stringify(value))
    await p.run('told')
    expect(of.requests).toEqual(['/files/tool.zip'])
  })

  it.each([
    [`to: 'lib', unpack: true`, 'lib/bin/tool'],
    [`to: 'bin/mine', unpack: { member: 'bin/tool', mode: 0o755 }`, 'bin/mine'],
  ])('unpacks the whole or one member: %s', async (options, made) => {
    const of = await server()
    const p = await project(`${of.url}/files/tool.zip`, options)
    expect((await p.run('tool')).code).toBe(0)
    expect(p.read(made)).toBe('#!/bin/sh\necho tool\n')
    expect(p.has('lib/README')).toBe(options.includes('true'))
  })

  it('leaves nothing of what has another sum, or is too big', async () => {
    const of = await server()
    const wrong = await project(`${of.url}/files/tool.zip`, `to: 'lib', unpack: true`, sumOf('another'))
    const ended = await wrong.run('tool')
    expect([ended.code, ended.stdout, wrong.has('lib')]).toEqual([1, expect.stringContaining('E_WRONG_SUM'), false])
    const big = await project(`${of.url}/files/tool.zip`, `to: 'tool.zip', maxSize: 10`)
    expect([(await big.run('tool')).stdout, big.has('tool.zip')]).toEqual([expect.stringContaining('E_TOO_BIG'), false])
  })

  it.each([
    ['ftp://x/y', sumOf('x'), /E_DOWNLOAD: .*no http or https address: ftp:/],
    ['https://me:pw@x/y', sumOf('x'), /E_DOWNLOAD: (?!.*pw@).*holds a name or a password/],
    ['https://x/y', 'abc', /E_DOWNLOAD: .*not 64 hexadecimal digits: abc/],
  ])('is refused at load: %s %s', async (url, sha256, error) => {
    const { code, stderr } = await (await project(url, `to: 'x'`, sha256)).run('list')
    expect(stderr).toMatch(error)
    expect(code).toBe(2)
  })
})
