import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

const config = (...outputs: readonly string[]) =>
  `import { output, task } from 'lakitu'
${outputs.map((path, i) => `export const t${i} = task('t${i}', { command: ['touch', output('${path}')] })`).join('\n')}
`

/** A project in which `link` leads to the folder `real/deep`. */
async function linked(text: string, target = 'real/deep'): Promise<CliProject> {
  const project = await cliProject(text)
  mkdirSync(project.path('real/deep'), { recursive: true })
  symlinkSync(target, project.path('link'))
  return project
}

describe('outputs that links lead to', () => {
  it.each([
    ['one place', 'link/x', 'real/deep/x', 'lead to one place'],
    ['one place below folders that are not there yet', 'link/new/x', 'real/deep/new/x', 'lead to one place'],
    ['one place on a disk that folds case', 'link/x', 'real/deep/X', 'lead to one place'],
    ['one place on a disk that normalizes', 'link/\u00e9', 'real/deep/e\u0301', 'lead to one place'],
    ['a place inside a folder', 'real', 'link/x', 'lead to places one inside the other'],
    ['a folder around a file', 'real/deep/a/b', 'link/a', 'lead to places one inside the other'],
  ])('%s clash', async (_what, first, second, how) => {
    const project = await linked(config(first, second))
    const { code, stderr } = await project.run('list')
    expect(code).toBe(2)
    expect(stderr).toContain('E_DOUBLE_OUTPUT')
    expect(stderr).toContain(how)
    expect(stderr).toContain(`${first} of task t0`)
    expect(stderr).toContain(`${second} of task t1`)
    for (const written of [first, second]) {
      expect(stderr).toMatch(new RegExp(`${written} is +${written.replace(/^link/, 'real/deep')}\n`))
    }
    expect(stderr).toMatch(/t0 +.*tasks\.ts:2\n/)
    expect(stderr).toMatch(/t1 +.*tasks\.ts:3\n/)
  })

  it('places of their own do not, outside the project neither, and an output may be a link', async () => {
    const project = await linked(config('link/x', 'real/deep/y', 'real/x'))
    expect((await project.run('list')).code).toBe(0)
    const outside = await linked(config('link/x', 'real/deep/x'), '/tmp')
    expect((await outside.run('list')).code).toBe(0)
    const latest = await linked(config('link', 'real/deep/x'))
    expect((await latest.run('list')).code).toBe(0)
  })

  it('a folder that a task may update do not', async () => {
    const project = await linked(`import { task, updates, witness } from 'lakitu'
export const venv = task('venv', { outputs: [witness('link/venv', 'a')], command: ['true'] })
export const more = task('more', { outputs: [updates(venv, 'b')], command: ['true'] })
`)
    expect((await project.run('list')).code).toBe(0)
  })
})
