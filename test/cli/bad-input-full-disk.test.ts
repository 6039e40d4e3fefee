import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CliProject } from '../support/cli.ts'
import { fillModule, missingForDisk, smallDisk } from '../support/mount.ts'

/** Each fills the disk at another moment, as long as `full` is there: what is free then stands in it. */
const tasks = `
import { defineConfig, effect, files, task } from 'lakitu'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fill } from './fill.mjs'
const maybeFill = () => { if (existsSync('full')) fill('filling', Number(readFileSync('full', 'utf8'))) }
const inputs = { in: files('in') }
export default defineConfig({ tasks: [
  task('record', { inputs, run: () => { maybeFill(); return 'x'.repeat(30_000) } }),
  task('blob', { inputs, outputs: ['big'], run: () => { writeFileSync('big', 'x'.repeat(60_000)); maybeFill() } }),
  task('program', { inputs, outputs: ['big'], run: async ({ exec }) => { maybeFill(); await exec('cp', ['in', 'big']) } }),
  task('function', { inputs, outputs: ['big2'], run: () => { maybeFill(); writeFileSync('big2', 'x'.repeat(60_000)) } }),
  effect('up', { inputs, probe: () => 1, run: async ({ note, previous }) => {
    writeFileSync('seen', JSON.stringify(previous?.notes ?? {}))
    await note('first', 'm1')
    maybeFill()
    await note('second', 'x'.repeat(30_000))
  } }),
] })
`

function project(): CliProject {
  const made = new CliProject(smallDisk('700k'))
  const [program] = tasks.match(/.*'program'.*\n/) ?? []
  made.write('lakitu.config.ts', tasks.replace(program ?? '', ''))
  made.write('program.config.ts', tasks.replace(/.*'blob'.*\n/, ''))
  made.write('fill.mjs', fillModule)
  made.write('in', 'i'.repeat(40_000))
  return made
}

function makeRoom(on: CliProject): void {
  for (const name of ['full', 'filling']) rmSync(on.path(name), { force: true })
}

describe.skipIf(missingForDisk !== undefined)(`a disk that gets full (${missingForDisk ?? 'in memory'})`, () => {
  it.each<{ what: string; args: string[]; left: number; code: number; said: RegExp }>([
    {
      what: 'in the middle of a record in the journal',
      args: ['record'],
      left: 8192,
      code: 3,
      said: /E_NOSPC: The disk is full[\s\S]*Next: Free some space/,
    },
    {
      what: 'in the middle of a blob costs the entry of the cache, not the task, and',
      args: ['blob'],
      left: 20_480,
      code: 0,
      said: /its result is not cached: The disk is full/,
    },
    {
      what: 'in the middle of an output of a program',
      args: ['--config', 'program.config.ts', 'program'],
      left: 20_480,
      code: 1,
      said: /E_COMMAND_FAILED[\s\S]*Next: The disk is full: free some space/,
    },
    {
      what: 'in the middle of an output of a function',
      args: ['function'],
      left: 20_480,
      code: 3,
      said: /E_NOSPC: The disk is full[\s\S]*Next: Free some space/,
    },
    { what: 'in the middle of a note', args: ['up'], left: 8192, code: 3, said: /E_NOSPC: The disk is full/ },
  ])('$what is said in words, and with room again all is right', async ({ args, left, code, said }) => {
    const on = project()
    on.write('full', String(left))
    const full = await on.run(...args)
    expect(`${full.stdout}${full.stderr}`).toMatch(said)
    expect(`${full.stdout}${full.stderr}`).not.toMatch(/E_UNEXPECTED|\n\s+at /)
    expect(full.code).toBe(code)
    makeRoom(on)
    const again = await on.events(...args)
    expect([again.code, again.ran.length]).toEqual([0, code === 0 ? 0 : 1])
    expect(await on.ran(...args)).toEqual([])
    if (args[0] === 'up') expect(JSON.parse(on.read('seen'))).toMatchObject({ first: 'm1' })
    expect(on.has('.lakitu/journal.damaged') || on.has('.cache/lakitu/journal.damaged')).toBe(false)
  })

  it('after a success loses nothing of it', async () => {
    const on = project()
    expect(await on.run('blob', 'up')).toMatchObject({ code: 0 })
    on.write('in', 'j'.repeat(40_000))
    on.write('full', '4096')
    expect((await on.run('up')).code).toBe(3)
    makeRoom(on)
    on.write('in', 'i'.repeat(40_000))
    expect(await on.ran('blob', 'up')).toEqual(['up'])
    expect(Object.keys(JSON.parse(on.read('seen'))).toSorted()).toEqual(['first', 'second'])
  })
})
