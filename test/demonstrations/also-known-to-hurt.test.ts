import { cpSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { testFolder } from '../support/folder.ts'
import { missingForPty, onTerminal } from '../support/pty.ts'
import { until } from '../support/until.ts'

const tasks = `
import { files, task } from 'lakitu'
import { appendFileSync } from 'node:fs'
export const shared = task('shared', { inputs: { in: files('in') }, outputs: ['gen/shared'], command: ['sh', '-c', 'echo x >> runs; cp in gen/shared'] })
export const left = task('left', { needs: { shared }, outputs: ['gen/left'], command: ['cp', 'gen/shared', 'gen/left'] })
export const right = task('right', { needs: { shared }, outputs: ['gen/right'], command: ['cp', 'gen/shared', 'gen/right'] })
export const all = task('all', { needs: { left, right } })
export const lazy = task('lazy', { inputs: { in: files('in') }, outputs: ['never'], command: ['true'] })
export const loud = task('loud', { run: ({ log }) => { for (let i = 0; i < 60_000; i++) log('line ' + i) } })
`
const files = { in: '1\n' }

/** Path → content of everything in the project, what the runtime caches of modules aside. */
function everything(project: CliProject): Readonly<Record<string, string>> {
  const entries = readdirSync(project.root, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(names.sort().map((name) => [name.slice(project.root.length), readFileSync(name, 'latin1')]))
}

describe('a dry run', () => {
  it('writes no state: what it showed to be stale is still stale', async () => {
    const project = await cliProject(tasks, files)
    for (const args of [['plan', 'all'], ['why', 'left'], ['list'], []])
      expect((await project.run(...args)).code).toBe(0)
    expect(await project.ran('all')).toEqual(expect.arrayContaining(['shared', 'left', 'right']))
    project.write('in', '2\n')
    const { '/.cache/lakitu/stat': _, ...before } = everything(project)
    expect((await project.run('plan', 'all')).stdout).toContain('will run  shared')
    const { '/.cache/lakitu/stat': _also, ...after } = everything(project)
    expect(after).toEqual(before)
    expect(await project.ran('all')).toContain('shared')
  })
})

describe('an output', () => {
  it('counts by what is in it, not by being there', async () => {
    const project = await cliProject(tasks, files)
    expect((await project.run('all')).code).toBe(0)
    project.write('gen/left', 'spoiled\n')
    expect(await project.events('all')).toMatchObject({ ran: [], restored: ['left'] })
    expect(project.read('gen/left')).toBe('1\n')
  })

  it('that is missing after exit 0 is a failure, each time', async () => {
    const project = await cliProject(tasks, files)
    for (const _ of [1, 2]) {
      const { code, stdout } = await project.run('lazy')
      expect([code, stdout]).toEqual([
        1,
        expect.stringContaining('E_OUTPUT_MISSING: Task lazy ended well but did not make never'),
      ])
    }
  })
})

describe('a cached result', () => {
  const blobsOf = (project: CliProject) => {
    const entries = readdirSync(project.path('.cache/lakitu/blobs'), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }

  it('whose files were evicted is no result: the task runs, and says so', async () => {
    const project = await cliProject(tasks, files)
    expect((await project.run('all')).code).toBe(0)
    for (const blob of blobsOf(project)) rmSync(blob)
    project.remove('gen')
    const { code, stdout } = await project.run('all')
    expect([code, stdout]).toEqual([0, expect.stringContaining('shared  its cached result was evicted, so it runs')])
    expect(project.read('gen/left')).toBe('1\n')
    project.remove('gen')
    expect((await project.events('all')).restored).toEqual(expect.arrayContaining(['shared', 'left', 'right']))
  })

  it('makes no cache that grows without bound', async () => {
    const project = await cliProject(
      `
import { files, task } from 'lakitu'
import { readFileSync, writeFileSync } from 'node:fs'
export const big = task('big', { inputs: { in: files('in') }, outputs: ['big'], run: () =>
  writeFileSync('big', readFileSync('in', 'utf8').repeat(100_000)) })
`,
      {
        'lakitu.config.ts': `
import { defineConfig } from 'lakitu'
import * as tasks from './tasks.ts'
export default defineConfig({ tasks, cacheLimit: 500_000 })
`,
      },
    )
    for (let n = 0; n < 12; n += 1) {
      project.write('in', String(n % 10).padEnd(1 + (n >= 10 ? 1 : 0), 'x'))
      expect((await project.run('big')).code).toBe(0)
      const sizes = blobsOf(project).map((blob) => statSync(blob).size)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000)
    }
    // The last one is still there.
    project.remove('big')
    expect((await project.events('big')).restored).toEqual(['big'])
  })
})

describe('a need that two tasks share', () => {
  it('runs once', async () => {
    const project = await cliProject(tasks, files)
    expect((await project.run('-j', '4', 'left', 'right', 'all')).code).toBe(0)
    expect(project.read('runs')).toBe('x\n')
  })
})

describe('a watch', () => {
  it("is not woken by its tasks' own writes", async () => {
    const project = await cliProject(tasks, files)
    const running = project.start(['watch', 'all', '--output', 'ndjson'])
    const idle = () => running.stdout().match(/"type":"watch-idle"/g)?.length ?? 0
    await until('the first run', () => idle() === 1)
    project.write('in', '2\n')
    await until('the second run', () => idle() === 2)
    // Whatever woke it after its own writes has had its time when an edit that comes later has been built.
    project.write('in', '3\n')
    await until('the third run', () => idle() === 3)
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
    expect(running.stdout().match(/"type":"watch-woken"/g)).toHaveLength(2)
    expect(project.read('runs')).toBe('x\nx\nx\n')
  })
})

describe('much output', () => {
  it.each(['lines', 'ndjson'])('is not cut off by the exit (%s into a slow pipe)', async (output) => {
    const project = await cliProject(tasks, files)
    const running = project.start(['loud', '--output', output])
    running.child.stdout?.pause()
    await until('the pipe to be full', () => project.has('.cache/lakitu/logs/loud.log'))
    await until('the task to be done', () => project.read('.cache/lakitu/logs/loud.log').includes('line 59999'))
    running.child.stdout?.resume()
    const { code, stdout } = await running.ended
    expect([code, stdout.includes('line 59999')]).toEqual([0, true])
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(output === 'lines' ? /Done in/ : /"type":"run-ended"/)
  })

  it.skipIf(missingForPty !== undefined)('is whole behind `| cat` on a terminal', async () => {
    const project = await cliProject(tasks, files)
    const shown = onTerminal(['loud'], { cwd: project.root, script: (lakitu) => `${lakitu} | cat` })
    expect(await shown.ended).toBe(0)
    expect(shown.screen().match(/line \d+/g)).toHaveLength(60_000)
    expect(shown.screen().trimEnd().split('\n').at(-1)).toContain('Done in')
  })
})

/** This lakitu with facts of another format. */
async function newerLakitu() {
  const copy = await testFolder()
  const here = fileURLToPath(new URL('../../', import.meta.url))
  for (const name of ['bin', 'src', 'package.json']) cpSync(join(here, name), join(copy, name), { recursive: true })
  symlinkSync(join(here, 'node_modules'), join(copy, 'node_modules'))
  const file = join(copy, 'src/model/facts.ts')
  const text = readFileSync(file, 'utf8')
  expect(text).toContain('factsFormat = 1')
  writeFileSync(file, text.replace('factsFormat = 1', 'factsFormat = 2'))
  return (project: CliProject, ...args: readonly string[]) =>
    project.start(args, {}, { program: join(copy, 'bin/lakitu.js') }).ended
}

describe('a newer lakitu with other facts', () => {
  it('ships why and accept with it: what would run is told value by value, and recorded without running', async () => {
    const project = await cliProject(tasks, files)
    const newer = await newerLakitu()
    expect((await project.run('all')).code).toBe(0)
    expect(project.read('runs')).toBe('x\n')
    expect((await newer(project, 'why', 'shared')).stdout).toContain('format: 1 → 2')
    const accepted = await newer(project, 'accept', 'shared', 'left', 'right', 'all')
    expect([accepted.code, accepted.stderr]).toEqual([0, ''])
    expect(accepted.stdout).toContain(
      'Accepted shared. Taken on faith:\n  that this makes no difference: format: 1 → 2\n',
    )
    expect((await newer(project, 'plan', 'all')).stdout).not.toMatch(/will run|may run/)
    expect((await newer(project, 'all')).code).toBe(0)
    expect(project.read('runs')).toBe('x\n')
    // It is a record as any other: an edit counts.
    project.write('in', '2\n')
    expect((await newer(project, 'all')).code).toBe(0)
    expect(project.read('runs')).toBe('x\nx\n')
  })
})
