import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { type FileServer, fileServer } from '../support/file-server.ts'
import { testFolder } from '../support/folder.ts'
import { until } from '../support/until.ts'

/** A task that downloads, whose result is not put back from the cache of results. */
function tasks({ url, sum }: FileServer, options = `sha256: '${sum}',`): string {
  return `import { task } from 'lakitu'
export const tool = task('tool', {
  outputs: ['bin/tool'],
  cache: false,
  run: async ({ fetch, log }) => {
    const { from } = await fetch('${url}', { to: 'bin/tool', about: 'tool 1.2', ${options} })
    log('it is from the ' + from)
  },
})
`
}

function contents(cache: string): readonly string[] {
  const folder = join(cache, 'sha256')
  if (!existsSync(folder)) return []
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return found.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.endsWith('.json'))
}

function placed(project: CliProject, server: FileServer): boolean {
  return readFileSync(project.path('bin/tool')).equals(server.content)
}

describe('two lakitus that share a cache', () => {
  it('cause one transfer, and the one that waits says for whom', async () => {
    const server = await fileServer()
    const env = { LAKITU_CACHE_DIR: await testFolder() }
    const [one, two] = [await cliProject(tasks(server)), await cliProject(tasks(server))]
    const held = server.hold(100_000)
    const first = one.start(['tool', '--verbose'], env)
    await held.reached
    const second = two.start(['tool', '--verbose'], env)
    await until('the word of the second', () => second.stdout().includes('waiting for another lakitu'))
    held.release()
    expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0])
    expect(server.transfers).toEqual([0])
    expect([placed(one, server), placed(two, server)]).toEqual([true, true])
    expect(second.stdout()).toContain(`waiting for another lakitu that downloads tool 1.2 (pid ${first.pid}, tool, for`)
    expect(second.stdout()).toContain('it is from the cache')
    expect(one.has('.cache/downloads')).toBe(false)
  })

  it('go on with the work of one that is killed while the other waits', async () => {
    const server = await fileServer()
    const env = { LAKITU_CACHE_DIR: await testFolder() }
    const [one, two] = [await cliProject(tasks(server)), await cliProject(tasks(server))]
    const held = server.hold(100_000)
    const first = one.start(['tool'], env)
    await held.reached
    const second = two.start(['tool', '--verbose'], env)
    await until('the word of the second', () => second.stdout().includes('waiting for another lakitu'))
    first.kill('SIGKILL')
    expect((await second.ended).code).toBe(0)
    expect([placed(two, server), one.has('bin/tool')]).toEqual([true, false])
  })
})

describe('a kill -9', () => {
  it('in the middle of a transfer leaves nothing that is believed, and the next run ends it', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server))
    const held = server.hold(100_000)
    const killed = project.start(['tool'])
    await held.reached
    killed.kill('SIGKILL')
    await killed.ended
    const cache = project.path('.cache/downloads')
    expect([contents(cache), project.has('bin/tool')]).toEqual([[], false])
    expect((await project.run('tool')).code).toBe(0)
    expect(placed(project, server)).toBe(true)
    expect(readdirSync(join(cache, 'partial'))).toEqual([])
    expect(readdirSync(project.path('bin'))).toEqual(['tool'])
  })

  it('while a folder is filled leaves nothing that is believed', async () => {
    const project = await cliProject(`import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { task } from 'lakitu'
export const wheels = task('wheels', {
  always: true,
  run: async ({ keep, log, signal }) => {
    const folder = await keep('wheels/ab', async (made) => {
      writeFileSync(made + '/a.whl', 'half')
      if (!existsSync('go')) log('half')
      if (!existsSync('go')) await wait(60_000, undefined, { signal })
      writeFileSync(made + '/a.whl', 'whole')
    })
    log('it holds ' + readFileSync(folder + '/a.whl', 'utf8'))
  },
})
`)
    const killed = project.start(['wheels', '--verbose'])
    await until('the half', () => killed.stdout().includes('half'))
    killed.kill('SIGKILL')
    await killed.ended
    project.write('go', '')
    expect((await project.run('wheels', '--verbose')).stdout).toContain('it holds whole')
    expect(readdirSync(project.path('.cache/downloads/kept/wheels/ab')).sort()).toEqual(['files', 'manifest.json'])
    expect((await project.run('cache')).stdout).toMatch(/wheels\/ab \(1 file\)\s+5 B\s+just now\s+wheels\n/)
  })
})

describe('offline', () => {
  it('what is in the cache works, and what is not is named with the file that it would be', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server))
    await project.run('tool')
    project.remove('bin')
    expect((await project.run('tool', '--offline')).code).toBe(0)
    expect(placed(project, server)).toBe(true)
    for (const path of contents(project.path('.cache/downloads'))) rmSync(path)
    project.remove('bin')
    const { code, stdout } = await project.start(['tool'], { LAKITU_OFFLINE: '1' }).ended
    expect(code).toBe(3)
    const file = project.path(`.cache/downloads/sha256/${server.sum.slice(0, 2)}/${server.sum}`)
    for (const word of ['E_OFFLINE', server.url, server.sum, file]) expect(stdout).toContain(word)
    expect(server.requests()).toBe(1)
  })

  it('an address without a sum is what it last led to', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server, ''))
    await project.run('tool')
    project.remove('bin')
    const { code, stdout } = await project.run('tool', '--offline', '--verbose')
    expect([code, placed(project, server), server.requests()]).toEqual([0, true, 1])
    expect(stdout).toContain(`offline: tool 1.2 is what ${server.url} led to on 2`)
    project.remove('bin')
    expect((await project.run('tool', '--verbose')).stdout).toContain('it is from the cache')
    expect([server.requests(), server.transfers]).toEqual([2, [0]])
  })
})

describe('the cache', () => {
  it('notices a damaged file by its hash, throws it away with a word, and fetches it again', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server))
    await project.run('tool')
    for (const path of contents(project.path('.cache/downloads'))) {
      expect(statSync(path).mode & 0o777).toBe(0o444)
      chmodSync(path, 0o644)
      writeFileSync(path, 'damaged')
    }
    project.remove('bin')
    const { code, stdout } = await project.run('tool')
    expect([code, placed(project, server), server.transfers]).toEqual([0, true, [0, 0]])
    expect(stdout).toContain('tool 1.2 was damaged in the cache of downloads and is thrown away')
  })

  it('is shown and brought below its limit by hand', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server))
    await project.run('tool')
    const shown = await project.run('cache')
    expect(shown.stdout).toContain('downloads in .cache/downloads: 360 kB of 11 GB')
    expect(shown.stdout).toMatch(/tool 1\.2\s+360 kB\s+just now\s+tool\n/)
    expect(shown.stdout).toContain('results in .cache/lakitu: 0 B of 11 GB')
    const asJson: unknown = JSON.parse((await project.run('cache', '--json')).stdout)
    expect(asJson).toMatchObject({
      downloads: { size: 360_000, downloads: [{ sha256: server.sum }] },
      results: { size: 0 },
    })
    expect((await project.run('cache', '--gc')).stdout).toContain('downloads: 0 B won, 0 gone, 360 kB left')
    limit(project, 1000)
    expect((await project.run('cache', '--gc')).stdout).toContain('downloads: 360 kB won, 1 gone, 0 B left')
    expect(contents(project.path('.cache/downloads'))).toEqual([])
  })

  it('is brought below its limit by a run that downloads, but loses nothing of what that run used', async () => {
    const server = await fileServer()
    const other = await fileServer('others, ')
    const project = await cliProject(tasks(server))
    limit(project, 1000)
    await project.run('tool')
    expect(contents(project.path('.cache/downloads')).length).toBe(1)
    project.write('tasks.ts', tasks(other, ''))
    await project.run('tool')
    const kept = contents(project.path('.cache/downloads'))
    expect(kept.map((path) => path.slice(-64))).toEqual([other.sum])
  })

  it('named by a relative path is an error of usage, and none for who does not download', async () => {
    const server = await fileServer()
    const project = await cliProject(tasks(server))
    const env = { LAKITU_CACHE_DIR: 'cache' }
    const { code, stdout } = await project.start(['tool'], env).ended
    expect(code).toBe(2)
    expect(stdout).toContain('LAKITU_CACHE_DIR is a relative path')
    expect((await project.start(['list'], env).ended).code).toBe(0)
  })
})

function limit(project: CliProject, bytes: number): void {
  const config = `import { defineConfig } from 'lakitu'\nimport * as tasks from './tasks.ts'\n`
  project.write('lakitu.config.ts', `${config}export default defineConfig({ tasks, downloadLimit: ${bytes} })\n`)
}
