import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

/** A program that writes the text to the file in $OUT. */
function program(project: CliProject, path: string, text: string): void {
  project.write(path, `#!/bin/sh\necho ${text} > "$OUT"\n`)
  chmodSync(project.path(path), 0o755)
}

describe("a command's program counts by its content", () => {
  it.each([
    ['named by its path', 'tools/gen', `command: ['./tools/gen'], env: { OUT: 'out' }`],
    ['named as its folder sees it', 'gen', `cwd: 'sub', command: ['../gen'], env: { OUT: '../out' }`],
    ['declared as an input', 'gen', `command: [input('gen')], env: { OUT: 'out' }`],
    ['on a PATH of its own', 'bin/gen', `cwd: 'sub', command: ['gen'], env: { OUT: '../out', PATH: '../bin:/bin' }`],
  ])('%s', async (_, path, options) => {
    const project = await cliProject(
      `import { input, task } from 'lakitu'\nexport const made = task('made', { outputs: ['out'], ${options} })\n`,
    )
    project.write('sub/x', '')
    program(project, path, 'one')
    expect([await project.ran('made'), await project.ran('made')]).toEqual([['made'], []])
    program(project, path, 'two')
    expect(await project.ran('made')).toEqual(['made'])
    expect(project.read('out')).toBe('two\n')
  })

  it('and comes after the task that makes it', async () => {
    const project = await cliProject(`import { files, input, output, task } from 'lakitu'
export const tool = task('tool', { command: ['cp', input('tool.sh'), output('build/tool')] })
export const made = task('made', { outputs: ['out'], command: ['build/tool'], env: { OUT: 'out' } })
`)
    program(project, 'tool.sh', 'one')
    expect(await project.ran('made')).toEqual(['tool', 'made'])
    program(project, 'tool.sh', 'two')
    expect((await project.run('plan', 'made')).stdout).toMatch(/may run +made/)
    expect(await project.ran('made')).toEqual(['tool', 'made'])
    expect(project.read('out')).toBe('two\n')
    project.write('build/tool', 'broken')
    expect((await project.run('plan', 'made')).stdout).toMatch(/may run +made/)
    const { ran, restored } = await project.events('made')
    expect({ ran, restored }).toEqual({ ran: [], restored: ['tool'] })
  })
})
