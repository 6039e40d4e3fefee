import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileHeader, journalFormat } from '../../src/state/frames.ts'
import { type CliProject, cliProject } from '../support/cli.ts'
import { asUser, giveAway } from '../support/limits.ts'

const copy = `
import { input, output, task } from 'lakitu'
export const copy = task('copy', { command: ['cp', input('in'), output('out')] })
`

async function broken(make: (path: string) => void): Promise<CliProject> {
  const project = await cliProject(copy, { in: 'x' })
  rmSync(project.path('lakitu.config.ts'))
  make(project.path('lakitu.config.ts'))
  return project
}

describe('a config', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['that is a folder', (path) => mkdirSync(path), /E_CONFIG: .*lakitu\.config\.ts is no file but a folder/],
    [
      'that is a pipe',
      (path) => void execFileSync('mkfifo', [path]),
      /E_CONFIG: .*lakitu\.config\.ts is no file but a pipe/,
    ],
    ['that is a link to nothing', (path) => symlinkSync('nowhere', path), /E_NO_CONFIG/],
    ['that is empty', (path) => writeFileSync(path, ''), /E_CONFIG: The config does not export a project/],
    ['of blanks', (path) => writeFileSync(path, ' \n\n'), /E_CONFIG: The config does not export a project/],
    ['that exports null', (path) => writeFileSync(path, 'export default null'), /E_CONFIG: The config does not export/],
    [
      'whose tasks are a text',
      (path) => writeFileSync(path, `export default { tasks: 'a' }`),
      /E_CONFIG: The config does not export/,
    ],
    [
      'whose tasks are null',
      (path) => writeFileSync(path, `export default { tasks: null }`),
      /E_CONFIG: The config does not export/,
    ],
    [
      'of bytes that are no text',
      (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1])),
      /E_CONFIG: The config does not load/,
    ],
  ])('%s is told in words', async (_what, make, expected) => {
    const project = await broken(make)
    for (const args of [['copy'], ['list'], ['--config', 'lakitu.config.ts', 'plan']]) {
      const { code, stdout, stderr } = await project.run(...args)
      expect(stderr).toMatch(args[0] === '--config' ? /E_\w+: [\s\S]*Next: / : expected)
      expect(stderr).not.toMatch(/E_UNEXPECTED|\n {2,4}at .*:\d+:\d+\)?\n|node:internal/)
      expect([code, stdout]).toEqual([2, ''])
    }
    expect([project.has('.lakitu'), project.has('.cache')]).toEqual([false, false])
  })

  it.skipIf(asUser.missing !== undefined)('that may not be read is told in words', async () => {
    const project = await broken((path) => writeFileSync(path, 'export default { tasks: [] }'))
    chmodSync(project.path('lakitu.config.ts'), 0)
    giveAway(project.root)
    const { code, stderr } = await project.start(['list'], {}, { inside: asUser.words }).ended
    expect(stderr).toMatch(/E_ACCES: [\s\S]*lakitu\.config\.ts[\s\S]*Next: /)
    expect(code).toBe(3)
  })
})

describe('a tree whose state is of a newer lakitu', () => {
  it.each(['.lakitu/journal', '.cache/lakitu/journal'])(
    '(%s) is refused by all commands, and not touched',
    async (path) => {
      const project = await cliProject(copy, { in: 'x' })
      await project.run('copy')
      const newer = Buffer.concat([fileHeader(journalFormat + 1), Buffer.from('what nobody knows yet')])
      writeFileSync(project.path(path), newer)
      for (const args of [
        ['copy'],
        ['plan', 'copy'],
        ['why', 'copy'],
        ['list'],
        ['accept', 'copy'],
        ['forget', 'copy'],
      ]) {
        const { code, stderr } = await project.run(...args)
        expect([args, code, stderr]).toEqual([
          args,
          2,
          expect.stringMatching(/E_NEWER_STATE: [\s\S]*Next: Use that version/),
        ])
      }
      expect(Buffer.from(project.read(path))).toEqual(Buffer.from(newer.toString('utf8')))
      rmSync(project.path(path))
      expect(await project.run('copy')).toMatchObject({ code: 0 })
    },
  )
})
