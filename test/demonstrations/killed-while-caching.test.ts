import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const many = 800
const tasks = `
import { files, task } from 'lakitu'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
export const build = task('build', { inputs: { in: files('in') }, outputs: ['build'], run: () => {
  const text = readFileSync('in', 'utf8')
  mkdirSync('build')
  for (let i = 0; i < ${many}; i++) writeFileSync('build/' + i, text + ' ' + i + ' ' + 'x'.repeat(2000))
} })
`

function blobs(project: CliProject): number {
  const folder = project.path('.cache/lakitu/blobs')
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).length : 0
}

function isWhole(project: CliProject, text: string): boolean {
  if (readdirSync(project.path('build')).length !== many) return false
  return Array.from({ length: many }, (_, i) => project.read(`build/${i}`)).every(
    (found, i) => found === `${text} ${i} ${'x'.repeat(2000)}`,
  )
}

/** Starts a build of this text and kills it as soon as `when` is so. */
async function killedWhile(project: CliProject, text: string, when: () => boolean): Promise<void> {
  project.write('in', text)
  const running = project.start(['build'])
  await until('lakitu to be in the middle of it', () => when() || running.child.exitCode !== null)
  expect(running.child.exitCode).toBeNull()
  running.kill('SIGKILL')
  await once(running.child, 'exit')
}

it('killed while it writes into the cache, nothing half is ever put back', async () => {
  const project = await cliProject(tasks)
  await killedWhile(project, 'A', () => blobs(project) > 60)
  expect(blobs(project)).toBeLessThan(many)
  // The record was written before, or not: what is there is whole or is built again.
  const first = await project.events('build')
  expect([first.code, isWhole(project, 'A')]).toEqual([0, true])
  project.write('in', 'B')
  expect((await project.events('build')).ran).toEqual(['build'])
  project.write('in', 'A')
  const again = await project.events('build')
  expect([again.code, isWhole(project, 'A')]).toEqual([0, true])
  project.write('in', 'B')
  expect((await project.events('build')).restored).toEqual(['build'])
  expect(isWhole(project, 'B')).toBe(true)
})

it('killed while it puts back, the next run leaves all of it in place', async () => {
  const project = await cliProject(tasks)
  for (const text of ['A', 'B']) {
    project.write('in', text)
    expect((await project.run('build')).code).toBe(0)
  }
  const inode = () => project.read('build/0').slice(0, 1)
  const staged = () =>
    project.has('.cache/lakitu/restoring') && readdirSync(project.path('.cache/lakitu/restoring')).length > 0
  for (const when of [staged, () => inode() === 'A']) {
    await killedWhile(project, 'A', when)
    expect((await project.events('build')).restored).toEqual(['build'])
    expect(isWhole(project, 'A')).toBe(true)
    project.write('in', 'B')
    expect((await project.events('build')).restored).toEqual(['build'])
    expect([isWhole(project, 'B'), staged()]).toEqual([true, false])
  }
})
