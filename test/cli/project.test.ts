import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

/** A little like a C project: `sh` compiles, `cat` links, a generator makes a header. */
const cLike = `
import { effect, files, input, output, task } from 'lakitu'

export const header = task('header', {
  about: 'the generated header',
  command: ['sh', '-c', 'tr a-z A-Z < "$0" > "$1"', input('src/version.txt'), output('build/version.h')],
})
export const objects = ['a', 'b'].map((name) =>
  task(\`obj/\${name}\`, { command: ['cp', input(\`src/\${name}.c\`), output(\`build/\${name}.o\`)] }),
)
export const app = task('app', {
  about: 'the program',
  alias: 'program',
  command: ['sh', '-c', 'out=$1; shift; cat "$@" > "$out"', 'sh', output('build/app'), input(header), input(objects)],
})
export const check = task('check', {
  always: true,
  needs: { app },
  run: async ({ exec, log }) => log((await exec('cat', ['build/app'])).stdout),
})
`
const sources = { 'src/a.c': 'a\n', 'src/b.c': 'b\n', 'src/version.txt': 'one\n' }

async function built(): Promise<CliProject> {
  const project = await cliProject(cLike, sources)
  expect(await project.ran('app')).toHaveLength(4)
  return project
}

describe('a small project', () => {
  it('is built, is fresh, and after an edit only what hangs on it is built', async () => {
    const project = await cliProject(cLike, sources)
    const first = await project.run('app')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(project.read('build/app')).toBe('ONE\na\nb\n')
    expect(await project.ran('app')).toEqual([])
    project.write('src/b.c', 'bb\n')
    expect(await project.ran('program')).toEqual(['obj/b', 'app'])
    project.write('src/version.txt', 'ONE\n')
    expect(await project.ran('app')).toEqual(['header'])
    expect(project.read('build/app')).toBe('ONE\na\nbb\n')
  })

  it('says why', async () => {
    const project = await built()
    project.write('src/a.c', 'x\n')
    const { stdout, code } = await project.run('why', 'obj/a')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^obj\/a: will run\n {2}inputs › argv › src\/a\.c changed\n {2}last done /),
    ])
    expect((await project.run('why', 'app')).stdout).toMatch(/^app: may run\n {2}runs before it: obj\/a\n/)
    expect(await project.run('plan', 'app')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^fresh {2,}header\s*\nwill run {2,}obj\/a .*src\/a\.c changed\nfresh {2,}obj\/b\s*\nmay run {2,}app /,
      ),
    })
  })

  it('counts the words of a command in their order', async () => {
    const project = await cliProject(`
import { task } from 'lakitu'
export const words = task('words', { outputs: ['out'], command: ['sh', '-c', 'echo $1 $2 > out', 'sh', 'one', 'two'] })
`)
    await project.run('words')
    project.write('tasks.ts', project.read('tasks.ts').replace("'one', 'two'", "'two', 'one'"))
    expect(await project.ran('words')).toEqual(['words'])
    expect(project.read('out')).toBe('two one\n')
  })

  it('counts a program by its content', async () => {
    const project = await cliProject(`
import { task } from 'lakitu'
export const a = task('a', { outputs: ['out'], command: ['my-tool'] })
`)
    const tool = (text: string) => project.write('bin/my-tool', `#!/bin/sh\necho ${text} > out\n`)
    tool('one')
    chmodSync(project.path('bin/my-tool'), 0o755)
    const path = `${project.path('bin')}:${process.env['PATH']}`
    const run = () => project.start(['a'], { PATH: path }).ended
    expect((await run()).code).toBe(0)
    tool('two')
    await run()
    expect(project.read('out')).toBe('two\n')
  })
})

describe('the code of a task', () => {
  const files = {
    'helper.ts': `import type { Shape } from './shape.ts'\nexport const text: Shape = 'one'\n`,
    'shape.ts': `export type Shape = string\n`,
    'other.ts': `export const unused = 1\n`,
  }
  const tasks = `
import { task, files } from 'lakitu'
import { writeFileSync } from 'node:fs'
import { text } from './helper.ts'
export const made = task('made', { outputs: ['out'], run: ({ root }) => writeFileSync(root + '/out', text) })
export const argv = task('argv', { outputs: ['out2'], command: ['sh', '-c', 'echo > out2'] })
`

  it('counts with all that its module imports, but not types, and not for a command', async () => {
    const project = await cliProject(tasks, files)
    expect(await project.ran('made', 'argv')).toEqual(expect.arrayContaining(['made', 'argv']))
    expect(await project.ran('made', 'argv')).toEqual([])
    project.write('shape.ts', `export type Shape = 'one' | 'two'\n`)
    project.write('other.ts', `export const unused = 2\n`)
    project.write('lakitu.config.ts', `${project.read('lakitu.config.ts')}// a comment\n`)
    expect(await project.ran('made', 'argv')).toEqual([])
    project.write('helper.ts', files['helper.ts'].replace('one', 'two'))
    expect(await project.ran('made', 'argv')).toEqual(['made'])
    expect(project.read('out')).toBe('two')
    expect((await project.run('why', 'made')).stdout).toContain('made: fresh')
  })

  it('names the module that changed', async () => {
    const project = await cliProject(tasks, files)
    await project.run('made')
    project.write('helper.ts', files['helper.ts'].replace('one', 'two'))
    expect((await project.run('why', 'made')).stdout).toContain('code › helper.ts changed')
  })

  it('is the code of the module that calls task(), and of the module that called that', async () => {
    const project = await cliProject(`import { make } from './make.ts'\nexport const one = make('one')\n`, {
      'make.ts': `import { task } from 'lakitu'
export const make = (name: string) => task(name, { outputs: [name], run: ({ exec }) => exec('touch', [name]) })
`,
    })
    await project.run('one')
    expect(await project.ran('one')).toEqual([])
    project.write('make.ts', `${project.read('make.ts')}// edited\n`)
    expect(await project.ran('one')).toEqual(['one'])
    project.write('tasks.ts', `${project.read('tasks.ts')}// edited\n`)
    expect(await project.ran('one')).toEqual(['one'])
  })

  it('behind a computed import is an error that names the place', async () => {
    const project = await cliProject(
      `
import { task } from 'lakitu'
const name = './helper.ts'
export const a = task('a', { run: async () => (await import(name)).text })
`,
      files,
    )
    const { code, stdout } = await project.run('a')
    expect(code).toBe(2)
    expect(stdout).toContain('E_COMPUTED_IMPORT')
    expect(stdout).toContain('tasks.ts:4')
  })
})

describe('a data module', () => {
  const files = {
    'cluster.ts': `import { value } from 'lakitu'\nexport const cluster = value({ hosts: ['a', 'b'], nomad: { version: '2.0' } })\n`,
  }
  const tasks = `
import { task } from 'lakitu'
import { cluster } from './cluster.ts'
export const hosts = task('hosts', { inputs: { hosts: cluster.pick((c) => c.hosts) }, run: ({ inputs }) => inputs.hosts })
export const nomad = task('nomad', { inputs: { nomad: cluster.pick((c) => c.nomad) }, run: ({ inputs }) => inputs.nomad.version })
`

  it('reruns only what picked the edited part', async () => {
    const project = await cliProject(tasks, files)
    expect((await project.ran('hosts', 'nomad')).toSorted()).toEqual(['hosts', 'nomad'])
    expect(await project.ran('hosts', 'nomad')).toEqual([])
    project.write('cluster.ts', files['cluster.ts'].replace("'b'", "'c'"))
    expect(await project.ran('hosts', 'nomad')).toEqual(['hosts'])
    project.write('cluster.ts', `// a comment\n${project.read('cluster.ts')}`)
    expect(await project.ran('hosts', 'nomad')).toEqual([])
  })
})
