import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secret } from '../../../src/define/secret.ts'
import { task } from '../../../src/define/task.ts'
import type { Context } from '../../../src/model/context.ts'
import { FakeHttp } from '../../support/fake-http.ts'
import { type TestProject, testProject } from '../../support/project.ts'

const url = 'https://files.example/tool.zip'

async function projectWith(run: (ctx: Context) => unknown): Promise<{ project: TestProject; http: FakeHttp }> {
  const http = new FakeHttp()
  const environment = { TOKEN: 'swordfish' }
  const inputs = { token: secret({ env: 'TOKEN' }) }
  const project = await testProject(() => [task('get', { always: true, inputs, run })], { http, environment })
  return { project, http }
}

describe('what a function downloads', () => {
  it('is named by a path relative to the root where it lies below it, also in the cache', async () => {
    const seen: unknown[] = []
    const { project, http } = await projectWith(async ({ fetch }) => {
      seen.push((await fetch(url, { to: 'bin/../bin/tool' })).path)
      seen.push((await fetch(url)).path)
    })
    const sum = http.serve(url, 'the tool')
    expect((await project.run('get')).outcome).toBe('done')
    expect(seen).toEqual(['bin/tool', `.cache/downloads/sha256/${sum.slice(0, 2)}/${sum}`])
  })

  it('can be unpacked where it lies in the cache', async () => {
    const { project, http } = await projectWith(async ({ fetch, unpack }) => {
      await unpack((await fetch(url)).path, { to: 'out' })
    })
    const sum = http.serve(url, 'the tool')
    const asked: string[] = []
    project.ports.archives.unpack = async ({ archive }) => {
      asked.push(archive)
      return []
    }
    await project.run('get')
    expect(asked).toEqual([project.path(`.cache/downloads/sha256/${sum.slice(0, 2)}/${sum}`)])
  })

  it('is told as progress in bytes, with the rate', async () => {
    const { project, http } = await projectWith(({ fetch }) => fetch(url))
    http.serve(url, 'the tool')
    const { events } = await project.run('get')
    const told = events.flatMap((event) => (event.type === 'task-progress' ? [event.progress] : []))
    expect(told.at(-1)).toEqual({ text: 'tool.zip', done: 8, total: 8, unit: 'bytes', rate: 1000 })
  })

  it('shows no secret in the files of the cache', async () => {
    const address = `${url}/swordfish`
    const { project, http } = await projectWith(({ fetch }) => fetch(address, { about: 'by swordfish' }))
    const sum = http.serve(address, 'the tool')
    expect((await project.run('get')).outcome).toBe('done')
    const entry = readFileSync(project.path(join('.cache/downloads/sha256', sum.slice(0, 2), `${sum}.json`)), 'utf8')
    expect([entry.includes('by ***'), entry.includes('swordfish')]).toEqual([true, false])
  })

  it('is called by its file name, not by a ticket or a password in its address', async () => {
    for (const address of [
      'https://me:hunter2@files.example/a/tool.zip?ticket=a/s3cret',
      'https://me:hunter2@tool.zip',
    ]) {
      const { project, http } = await projectWith(({ fetch }) => fetch(address))
      const sum = http.serve(address, 'the tool')
      const { events } = await project.run('get')
      const told = events.flatMap((event) => (event.type === 'task-progress' ? [event.progress.text] : []))
      expect(told.at(-1)).toBe('tool.zip')
      const entry = readFileSync(project.path(join('.cache/downloads/sha256', sum.slice(0, 2), `${sum}.json`)), 'utf8')
      expect(JSON.parse(entry)).toMatchObject({ uses: [{ about: 'tool.zip' }] })
      expect(JSON.stringify([entry, events])).not.toMatch(/hunter2|s3cret/)
    }
  })

  it('must be waited for, and so must a folder that is filled', async () => {
    const { project } = await projectWith(({ keep, signal }) => {
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      keep('box', () => stopped).catch(() => {})
    })
    expect((await project.run('get')).endings['get']).toMatchObject({ error: { code: 'E_NOT_AWAITED' } })
    expect(project.has('.cache/downloads/kept/box/manifest.json')).toBe(false)
  })

  it('has a size that its server tells without a transfer, and nobody where lakitu is offline', async () => {
    const seen: unknown[] = []
    const { project, http } = await projectWith(async ({ fetchSize }) => void seen.push(await fetchSize(url)))
    http.serve(url, 'the tool')
    expect((await project.run('get')).outcome).toBe('done')
    expect([seen, http.transfers]).toEqual([[8], []])
    const { endings } = await project.run('get', { offline: true })
    expect(endings['get']).toMatchObject({ error: { code: 'E_OFFLINE', facts: { url } } })
    expect(http.asked).toHaveLength(1)
  })

  it('is none where lakitu is offline, which the function can see', async () => {
    const seen: boolean[] = []
    const { project, http } = await projectWith(({ fetchText, offline }) => {
      seen.push(offline)
      return fetchText(url)
    })
    http.serve(url, 'a text')
    expect((await project.run('get')).outcome).toBe('done')
    const { endings } = await project.run('get', { offline: true })
    expect(endings['get']).toMatchObject({ error: { code: 'E_OFFLINE', facts: { url } } })
    expect([seen, http.asked.length]).toEqual([[false, true], 1])
  })
})
