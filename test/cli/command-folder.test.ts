import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

const config = (options: string, before = '') => `
import { depfile, input, output, task } from 'lakitu'
${before}
export const made = task('made', { ${options} })
`

function program(project: CliProject, path: string, text: string): void {
  project.write(path, `#!/bin/sh\n${text}\n`)
  chmodSync(project.path(path), 0o755)
}

describe('a command that runs in a folder of its own', () => {
  const copy = "cwd: 'sub/deep', command: ['cp', input('sub/deep/in'), input('other'), output('sub/out')]"

  it('gets the paths as it sees them, and its facts name them from the root', async () => {
    const project = await cliProject(config(copy.replace("'cp'", "'sh', '-c', 'cat $0 $1 > $2; echo $@ > ../words'")), {
      'sub/deep/in': 'in\n',
      other: 'other\n',
    })
    expect(await project.ran('made')).toEqual(['made'])
    expect(project.read('sub/out')).toBe('in\nother\n')
    expect(project.read('sub/words')).toBe('../../other ../out\n')
    expect(await project.ran('made')).toEqual([])
    project.write('other', 'changed\n')
    expect((await project.run('why', 'made')).stdout).toContain('inputs › argv › other changed')
    expect(await project.ran('made')).toEqual(['made'])
    expect(project.read('sub/out')).toBe('in\nchanged\n')
  })

  it('gets the outputs of tasks and its depfile so', async () => {
    const project = await cliProject(
      config(
        `cwd: 'sub', command: ['sh', '-c', 'cat $0 > $1; echo "$1: ../header" > $2', input(gen), output('out'), depfile()]`,
        `const gen = task('gen', { command: ['sh', '-c', 'echo gen > $0', output('gen')] })`,
      ),
      { 'sub/x': '', header: '1' },
    )
    const { code } = await project.run('made')
    expect([code, project.read('out')]).toEqual([0, 'gen\n'])
    expect(await project.ran('made')).toEqual([])
    project.write('header', '2')
    expect(await project.ran('made')).toEqual(['made'])
  })

  it.each([
    ['the project', 'real/deep/er'],
    ['a folder elsewhere', '/tmp'],
  ])('finds them from a folder behind a link into %s', async (_what, target) => {
    const project = await cliProject(config("cwd: 'link', command: ['cp', input('in'), output('out/copy')]"), {
      in: '1',
    })
    mkdirSync(project.path('real/deep/er'), { recursive: true })
    symlinkSync(target, project.path('link'))
    const { code, stdout } = await project.run('made')
    expect([code, project.has('out/copy')], stdout).toEqual([0, true])
  })

  it.each(['.', 'sub'])('runs a program that is an input, from %s', async (cwd) => {
    const project = await cliProject(config(`cwd: '${cwd}', command: [input('tool'), output('out')]`), { 'sub/x': '' })
    program(project, 'tool', 'echo one > $1')
    expect(await project.ran('made')).toEqual(['made'])
    program(project, 'tool', 'echo two > $1')
    expect(await project.ran('made')).toEqual(['made'])
    expect(project.read('out')).toBe('two\n')
  })
})

describe('a command with a PATH of its own', () => {
  it.each([
    ['absolute', (project: CliProject) => project.path('bin')],
    ['relative to its folder', () => '../bin'],
  ])('is looked up there, and counts by its content: %s', async (_what, path) => {
    const project = await cliProject('')
    mkdirSync(project.path('sub'))
    project.write(
      'tasks.ts',
      config(`cwd: 'sub', env: { PATH: '${path(project)}:/usr/bin:/bin' }, command: ['my-tool', output('out')]`),
    )
    program(project, 'bin/my-tool', 'echo one > $1')
    program(project, 'elsewhere/my-tool', 'echo wrong > $1')
    const run = () => {
      return project.start(['made'], { PATH: `${project.path('elsewhere')}:${process.env['PATH']}` }).ended
    }
    expect((await run()).code).toBe(0)
    expect(project.read('out')).toBe('one\n')
    program(project, 'elsewhere/my-tool', 'echo wronger > $1')
    expect((await run()).stdout).toContain('nothing to do')
    program(project, 'bin/my-tool', 'echo two > $1')
    expect((await run()).code).toBe(0)
    expect(project.read('out')).toBe('two\n')
  })
})
