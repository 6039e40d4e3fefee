import { chmodSync, cpSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { asUser, giveAway, onReadOnly, withFiles } from '../support/limits.ts'

const tasks = `
import { effect, files, input, output, task } from 'lakitu'
import { writeFileSync } from 'node:fs'
export const copy = task('copy', { command: ['cp', input('in'), output('out')] })
export const here = task('here', { portable: false, inputs: { in: files('in') }, outputs: ['where'], run: ({ root }) => writeFileSync('where', root) })
export const up = effect('up', { needs: { copy }, probe: () => 1, run: ({ note }) => note('machine', 'm1') })
export const all = task('all', { needs: { copy, here, up } })
`

async function built(): Promise<CliProject> {
  const project = await cliProject(tasks, { in: 'one' })
  expect(await project.run('all')).toMatchObject({ code: 0 })
  return project
}

describe('a tree', () => {
  it('that is copied with its .lakitu builds for itself, and the first one stays as it is', async () => {
    const first = await built()
    const second = await cliProject(tasks)
    cpSync(first.root, second.root, { recursive: true })
    second.write('out', 'a lie')
    const { code, ran } = await second.events('all')
    expect([code, ran.includes('here'), ran.includes('up')]).toEqual([0, true, false])
    expect([second.read('out'), second.read('where')]).toEqual(['one', second.root])
    expect(await second.ran('all')).toEqual([])
    expect(await first.ran('all')).toEqual([])
    expect(first.read('where')).toBe(first.root)
  })

  it('to which a CI brings the cache of another machine takes from it what holds here, and believes nothing else', async () => {
    const first = await built()
    const second = await cliProject(tasks, { in: 'one', out: 'a lie', where: first.root })
    cpSync(first.path('.cache'), second.path('.cache'), { recursive: true })
    const { code, ran, restored } = await second.events('all')
    expect([code, ran, restored]).toEqual([0, expect.arrayContaining(['here', 'up']), ['copy']])
    expect([second.read('out'), second.read('where')]).toEqual(['one', second.root])
    second.write('in', 'two')
    cpSync(first.path('.cache'), second.path('.cache'), { recursive: true })
    expect(await second.run('all')).toMatchObject({ code: 0 })
    expect([second.read('out'), second.read('where')]).toEqual(['two', second.root])
  })
})

describe('a tree to which nothing may be written', () => {
  it.for([
    { what: 'since it belongs to somebody else', inside: asUser, error: /E_ACCES: Permission was denied[\s\S]*Next: / },
    {
      what: 'since its file system is read-only',
      inside: onReadOnly,
      error: /E_ROFS: The file system is read-only[\s\S]*Next: /,
    },
  ])(
    '$what can be looked at; a run that has something to do says why it cannot',
    async ({ inside, error }, { skip }) => {
      if (inside.missing !== undefined) return skip(inside.missing)
      const project = await built()
      // For whoever has no file system of its own that is read-only.
      chmodSync(project.root, 0o755)
      if (inside === asUser)
        for (const folder of ['.lakitu', '.cache', '.cache/lakitu']) chmodSync(project.path(folder), 0o755)
      const run = (...args: readonly string[]) => project.start(args, {}, { inside: inside.words }).ended
      for (const args of [['all'], ['plan', 'all'], ['why', 'copy'], ['list'], ['log', 'copy']]) {
        expect([args, await run(...args)]).toEqual([args, expect.objectContaining({ code: 0, stderr: '' })])
      }
      project.write('in', 'two')
      expect((await run('plan', 'copy')).stdout).toMatch(/will run {2,}copy/)
      const { code, stdout, stderr } = await run('copy')
      expect(`${stdout}${stderr}`).toMatch(error)
      expect(`${stdout}${stderr}`).not.toMatch(/E_UNEXPECTED|\n\s+at /)
      expect([code, project.read('out')]).toEqual([3, 'one'])
      expect(await project.run('all')).toMatchObject({ code: 0 })
      expect(project.read('out')).toBe('two')
    },
  )

  it.skipIf(asUser.missing !== undefined)('a folder of inputs that may not be read is named', async () => {
    const project = await cliProject(
      `
import { files, task } from 'lakitu'
export const all = task('all', { inputs: { all: files('src/**') }, outputs: ['out'], command: ['touch', 'out'] })
`,
      { 'src/a': '', 'src/locked/b': '' },
    )
    chmodSync(project.path('src/locked'), 0)
    giveAway(project.root)
    const run = (...args: readonly string[]) => project.start(args, {}, { inside: asUser.words }).ended
    for (const args of [['all'], ['plan', 'all']]) {
      const { code, stdout, stderr } = await run(...args)
      // A plan of a task that never ran has nothing to compare.
      if (args[0] === 'plan') expect(code).toBe(0)
      else
        expect([code, `${stdout}${stderr}`]).toEqual([
          3,
          expect.stringMatching(/E_ACCES: [\s\S]*src\/locked[\s\S]*Next: /),
        ])
    }
    chmodSync(project.path('src/locked'), 0o755)
    chmodSync(project.path('src/a'), 0)
    const { code, stdout } = await run('all')
    expect([code, stdout]).toEqual([3, expect.stringMatching(/E_ACCES: [\s\S]*src\/a[\s\S]*Next: /)])
    chmodSync(project.path('src/a'), 0o644)
    expect(await run('all')).toMatchObject({ code: 0 })
  })
})

describe('a system that lets few files be open', () => {
  const many = `
import { input, output, task } from 'lakitu'
const copies = Array.from({ length: 40 }, (_, i) => task('copy' + i, { command: ['sh', '-c', 'sleep 0.2; cp "$0" "$1"', input('in/' + i), output('out/' + i)] }))
export const all = task('all', { needs: { copies } })
`
  it.each([25, 40, 56, 80])(
    '(%i) makes a run end with a clear error or well, and the next one sets all right',
    async (most) => {
      const project = await cliProject(many)
      mkdirSync(project.path('in'))
      for (let i = 0; i < 40; i += 1) project.write(`in/${i}`, `content ${i}`)
      const { code, stdout, stderr } = await project.start(['all', '-j', '40', '-k'], {}, { inside: withFiles(most) })
        .ended
      const said = `${stdout}${stderr}`
      expect([0, 3]).toContain(code)
      expect(said).not.toMatch(/E_UNEXPECTED|\n\s+at /)
      if (code === 3) expect(said).toMatch(/E_MFILE: Too many files are open[\s\S]*Next: Raise the limit/)
      expect(await project.run('all', '-j', '4')).toMatchObject({ code: 0 })
      for (let i = 0; i < 40; i += 1) expect(project.read(`out/${i}`)).toBe(`content ${i}`)
      expect(await project.ran('all')).toEqual([])
    },
  )
})
