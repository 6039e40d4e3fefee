import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { effect, task } from '../../../src/define/task.ts'
import { LakituError } from '../../../src/model/error.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

const stateFiles = [
  '.lakitu/journal',
  '.lakitu/tree',
  '.lakitu/session',
  '.lakitu/owner',
  '.cache/lakitu/journal',
  '.cache/lakitu/stat',
] as const
const durable = '.lakitu/journal'

interface Damaged {
  readonly project: TestProject
  /** Puts everything back as it was, and then these bytes in the file's place. */
  damage(file: (typeof stateFiles)[number], bytes: Buffer): void
  readonly whole: ReadonlyMap<(typeof stateFiles)[number], Buffer>
}

/** Two tasks that have a record and are stale by an edit since, and one that is fresh. */
async function used(): Promise<Damaged> {
  const project: TestProject = await testProject(() => [
    task('copy', {
      inputs: { a: files('in/a') },
      outputs: ['out'],
      run: () => project.write('out', project.read('in/a')),
    }),
    task('same', {
      inputs: { b: files('in/b') },
      outputs: ['same'],
      run: () => project.write('same', project.read('in/b')),
    }),
    effect('world', {
      inputs: { a: files('in/a') },
      probe: () => (project.has('world') ? project.read('world') : null),
      run: async ({ note }) => {
        await note('thing', 'world')
        project.write('world', project.read('in/a'))
      },
    }),
  ])
  for (const name of ['in/a', 'in/b']) project.write(name, '1')
  await settleTimes()
  await project.run(['copy', 'same', 'world'])
  await project.run(['copy', 'same', 'world'])
  project.write('in/a', '2')
  const whole = new Map(stateFiles.map((file) => [file, readFileSync(project.path(file))]))
  const damage: Damaged['damage'] = (file, bytes) => {
    for (const place of ['.lakitu', '.cache']) {
      for (const { name } of project.ports.disk.list(project.path(place)) ?? []) {
        if (name.includes('damaged')) rmSync(project.path(`${place}/${name}`))
      }
    }
    for (const [path, content] of whole) writeFileSync(project.path(path), path === file ? bytes : content)
    for (const name of ['out', 'same', 'world']) project.write(name, '1')
  }
  return { project, damage, whole }
}

/** `EVERY_BYTE=1` takes a while; frames.test.ts looks at every byte of a journal by itself. */
const everyByte = process.env['EVERY_BYTE'] === '1'
const patience = everyByte ? 3600_000 : 60_000

/** Where to damage the file, and whether to run, too, which takes longer than to plan. */
function places({ length }: Buffer): readonly { readonly at: number; readonly runs: boolean }[] {
  const step = everyByte ? 1 : Math.ceil(length / 60)
  const all = Array.from({ length: Math.ceil(length / step) }, (_, n) => n)
  return all.map((n) => ({ at: n * step, runs: n % 12 === 0 }))
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ bit
  return copy
}

async function expectPlanned(project: TestProject, what: string): Promise<void> {
  const planned = await project.plan(['copy', 'same', 'world'])
  expect([planned['copy'], planned['world']], what).not.toContain('fresh')
}

async function expectRight(project: TestProject, what: string): Promise<void> {
  const { outcome } = await project.run(['copy', 'same', 'world'])
  expect(outcome, what).toBe('done')
  expect(
    ['out', 'same', 'world'].map((name) => project.read(name)),
    what,
  ).toEqual(['2', '1', '2'])
  expect((await project.run(['copy', 'same', 'world'])).ran, what).toEqual([])
}

describe.each(stateFiles)('%s', { timeout: patience }, (file) => {
  it('cut off anywhere makes nothing stale pass for fresh', async () => {
    const { project, damage, whole } = await used()
    const bytes = whole.get(file) ?? Buffer.alloc(0)
    for (const { at: size, runs } of places(bytes)) {
      damage(file, bytes.subarray(0, size))
      await expectPlanned(project, `${size} bytes`)
      if (runs) await expectRight(project, `${size} bytes`)
    }
  })

  it('with a byte flipped makes nothing stale pass for fresh, and says where a record is lost', async () => {
    const { project, damage, whole } = await used()
    const bytes = whole.get(file) ?? Buffer.alloc(0)
    for (const { at, runs } of places(bytes)) {
      const bit = 1 << (at % 8)
      damage(file, flipped(bytes, at, bit))
      await expectPlanned(project, `byte ${at}, bit ${bit}`)
      if (file.endsWith('journal')) {
        const { state } = project.open()
        expect(state.trouble, `byte ${at}, bit ${bit}`).toEqual([{ file: project.path(file) }])
        if (file === durable) expect(state.history('world', 'effect').last).toBe('lost')
      }
      if (runs) await expectRight(project, `byte ${at}, bit ${bit}`)
    }
  })
})

describe('.lakitu/lock', () => {
  it('that holds anything is either taken or named as damaged', async () => {
    const { project, damage, whole } = await used()
    for (const text of ['', 'x', 'SQLite format 3\0', 'rubbish '.repeat(200)]) {
      damage('.lakitu/owner', whole.get('.lakitu/owner') ?? Buffer.alloc(0))
      project.write('.lakitu/lock', text)
      await expectPlanned(project, text)
      const error = await expectRight(project, text).catch((thrown: unknown) => thrown)
      if (error !== undefined) expect(error).toMatchObject({ code: 'E_LOCK_DAMAGED' })
      expect(error === undefined || error instanceof LakituError).toBe(true)
    }
  })
})
