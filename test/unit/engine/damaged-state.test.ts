import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { effect, task } from '../../../src/define/task.ts'
import { type ErrorReport, reportOf } from '../../../src/model/error.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

const folders = ['.lakitu', '.cache/lakitu']

/** A task of files and an effect that have both run for two texts, the first of which may come back. */
async function usedProject(): Promise<TestProject> {
  const project: TestProject = await testProject(() => [
    task('copy', {
      inputs: { from: files('in') },
      outputs: ['out'],
      run: () => copyFileSync(project.path('in'), project.path('out')),
    }),
    effect('up', {
      inputs: { from: files('in') },
      probe: () => (project.has('world') ? project.read('world') : null),
      run: async ({ note }) => {
        await note('file', 'world')
        copyFileSync(project.path('in'), project.path('world'))
      },
    }),
  ])
  for (const text of ['one', 'two']) {
    project.write('in', text)
    await settleTimes()
    await project.run(['copy', 'up'])
  }
  return project
}

interface Kept {
  readonly path: string
  readonly bytes: Buffer
}

/** The files in which lakitu keeps what it knows. */
function stateOf(project: TestProject): readonly Kept[] {
  return folders.flatMap((folder) => {
    const entries = readdirSync(project.path(folder), { withFileTypes: true, recursive: true })
    const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/logs'))
    const found = files.map(({ name, parentPath }) => relative(project.root, join(parentPath, name)))
    return found.map((path) => ({ path, bytes: readFileSync(project.path(path)) }))
  })
}

/** As it was: files that are the same stay untouched, with their times. */
function restore(project: TestProject, kept: readonly Kept[]): void {
  for (const { path } of stateOf(project)) if (!kept.some((file) => file.path === path)) project.remove(path)
  for (const { path, bytes } of kept) {
    if (!project.has(path) || !readFileSync(project.path(path)).equals(bytes)) writeFileSync(project.path(path), bytes)
  }
}

interface Damage {
  readonly path: string
  readonly what: string
  readonly bytes: Buffer
}

/** The file cut off at every so many bytes, and one bit changed in every so many. */
function* damages(files: readonly Kept[], step: number): Generator<Damage> {
  for (const { path, bytes } of files) {
    for (let at = 0; at < bytes.length; at += step) {
      yield { path, what: `cut off at ${at}`, bytes: bytes.subarray(0, at) }
      const flipped = Buffer.from(bytes)
      flipped[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      yield { path, what: `with another byte at ${at}`, bytes: flipped }
    }
  }
}

/** `EVERY_BYTE=1` takes a minute. */
const everyByte = process.env['EVERY_BYTE'] !== undefined
const step = everyByte ? 1 : 11
const both = ['copy', 'up']

describe('state of which one byte is wrong, or the end is missing,', { timeout: everyByte ? 600_000 : 120_000 }, () => {
  it('and an input that is again what it once was: what is stale is never called fresh', async () => {
    const project = await usedProject()
    const kept = stateOf(project)
    project.write('in', 'one')
    await settleTimes()
    for (const { path, what, bytes } of damages(kept, step)) {
      writeFileSync(project.path(path), bytes)
      expect(await project.plan(both), `${path} ${what}`).toEqual({ copy: 'will', up: 'will' })
      restore(project, kept)
    }
  })

  it.each([['two'], ['one']])('is put right by one run, the input being %s', async (text) => {
    const project = await usedProject()
    project.write('in', text)
    await settleTimes()
    const state = stateOf(project)
    const kept = [...state, ...['out', 'world'].map((path) => ({ path, bytes: Buffer.from('two') }))]
    for (const { path, what, bytes } of damages(state, step * 13)) {
      writeFileSync(project.path(path), bytes)
      const { events } = await project.run(both)
      expect([project.read('out'), project.read('world')], `${path} ${what}`).toEqual([text, text])
      const isJournal = path.endsWith('journal') && what.startsWith('with')
      const warnings = events.flatMap((e) => (e.type === 'notice' && e.level === 'warning' ? [e.text] : []))
      if (isJournal) expect(warnings, what).toContainEqual(expect.stringContaining(`${path} was damaged`))
      expect((await project.run(both)).ran, `${path} ${what}`).toEqual([])
      restore(project, kept)
    }
  })
})

async function errorOf(running: Promise<unknown>): Promise<ErrorReport | undefined> {
  return running.then(
    () => undefined,
    (error: unknown) => reportOf(error),
  )
}

describe('the lock', () => {
  it('keeps others out whatever stands in the note on who has it', async () => {
    const project = await usedProject()
    project.write('in', 'new')
    const owners = stateOf(project).filter(({ path }) => path === '.lakitu/owner')
    expect(owners).toHaveLength(1)
    const held = project.ports.locks.take(project.path('.lakitu'), { pid: 1, command: 'apply', since: 0 })
    for (const { what, bytes } of damages(owners, 1)) {
      writeFileSync(project.path('.lakitu/owner'), bytes)
      const error = await errorOf(project.run(both, { wait: false }))
      expect(error, what).toMatchObject({ code: 'E_LOCKED', family: 'world' })
    }
    held?.release()
    expect((await project.run(both)).ran.toSorted()).toEqual(both)
  })

  it.each([
    ['in a file with a stray byte', 'x'],
    ['in a file with a part of a header', 'SQLite format 3\0'],
    ['in a file of something else', 'x'.repeat(5000)],
  ])('%s keeps others out all the same, or is an error that says what to do', async (_, text) => {
    const project = await usedProject()
    project.write('in', 'new')
    project.write('.lakitu/lock', text)
    const take = () => project.ports.locks.take(project.path('.lakitu'), { pid: 1, command: 'apply', since: 0 })
    let held: ReturnType<typeof take>
    const refused = await errorOf(Promise.resolve().then(() => (held = take())))
    const error = await errorOf(project.run(both, { wait: false }))
    if (refused) expect(error).toMatchObject({ code: 'E_LOCK_DAMAGED', next: expect.stringContaining('rm ') })
    else expect(error).toMatchObject({ code: 'E_LOCKED' })
    held?.release()
    if (refused) project.remove('.lakitu/lock')
    expect((await project.run(both)).ran.toSorted()).toEqual(both)
  })
})
