import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const config = `
import { glob, input, output, task } from 'lakitu'
import { writeFileSync } from 'node:fs'

const copy = (src: string) => task(\`copy/\${src}\`, { command: ['cp', input(src), output(\`build/\${src}\`)] })
const sources = glob('src/*.c', '!src/*.test.c')
export const copies = sources.map(copy)
export const all = task('all', { command: ['sh', '-c', 'cat "$@" > "$0"', output('build/all'), input(copies)] })
export const index = task('index', {
  outputs: ['index'],
  run: ({ root }) => writeFileSync(root + '/index', sources.join(' ')),
})
`
const sources = { 'src/b.c': 'b\n', 'src/a.c': 'a\n', 'src/a.test.c': 'no\n', 'src/deep/c.c': 'no\n' }

describe('glob() while the config loads', () => {
  it('lists what files() would match, sorted, and a new file is a new task', async () => {
    const project = await cliProject(config, sources)
    expect((await project.ran('all')).toSorted()).toEqual(['all', 'copy/src/a.c', 'copy/src/b.c'])
    expect(project.read('build/all')).toBe('a\nb\n')
    project.write('src/c.c', 'c\n')
    expect(await project.ran('all')).toEqual(['copy/src/c.c', 'all'])
    expect(project.read('build/all')).toBe('a\nb\nc\n')
    project.remove('src/b.c')
    expect(await project.ran('all')).toEqual(['all'])
    expect(project.read('build/all')).toBe('a\nc\n')
  })

  it('is part of the code of the functions in the module that asked, and the content of the files is not', async () => {
    const project = await cliProject(config, sources)
    await project.run('index')
    project.write('src/b.c', 'other\n')
    expect(await project.ran('index')).toEqual([])
    project.write('src/Z.c', 'b\n')
    expect((await project.run('why', 'index')).stdout).toContain('code › glob(src/*.c, !src/*.test.c) › src/Z.c is new')
    expect(await project.ran('index')).toEqual(['index'])
    expect(project.read('index')).toBe('src/Z.c src/a.c src/b.c')
  })

  it('is seen where a helper of another module asks on behalf of the one that declares', async () => {
    const project = await cliProject(
      `import { list } from './list.ts'\nimport { task } from 'lakitu'
export const index = task('index', { outputs: ['index'], run: ({ exec }) => exec('touch', ['index']).then(() => {}) })
export const names = list('src')`,
      { 'list.ts': `import { glob } from 'lakitu'\nexport const list = (folder: string) => glob(\`\${folder}/*\`)\n` },
    )
    await project.run('index')
    expect(await project.ran('index')).toEqual([])
    project.write('src/new', '')
    expect(await project.ran('index')).toEqual(['index'])
  })

  it('may not match what a task makes: the error names both places', async () => {
    const project = await cliProject(config.replace('src/*.c', '**/*.c'), { 'src/a.c': 'a\n' })
    expect((await project.run('copy/src/a.c')).code).toBe(0)
    const { code, stderr } = await project.run('list')
    expect(code).toBe(2)
    expect(stderr).toContain('E_LOADS_OUTPUT')
    expect(stderr).toContain('glob(**/*.c, !src/*.test.c) found build/src/a.c while the config loaded')
    expect(stderr).toMatch(/called +.*tasks\.ts:6\b/)
    expect(stderr).toMatch(/copy\/src\/a\.c +.*tasks\.ts:5\b/)
  })

  it('is an error in a function that runs later', async () => {
    const project = await cliProject(
      `import { glob, task } from 'lakitu'\nexport const late = task('late', { run: () => void glob('*') })`,
    )
    const { code, stdout } = await project.run('late')
    expect(code).toBe(2)
    expect(stdout).toContain('E_NOT_LOADING')
    expect(stdout).toMatch(/called +.*tasks\.ts:2\b/)
  })

  it('makes a watch load the config again when the list changes', async () => {
    const project = await cliProject(config, { 'src/a.c': 'a\n' })
    const running = project.start(['watch', 'all', 'index', '--output', 'ndjson'])
    await until('the first run', () => running.stdout().includes('"watch-idle"'))
    project.write('src/b.c', 'b\n')
    await until('the new file', () => project.has('build/all') && project.read('build/all') === 'a\nb\n')
    await until('the new list', () => project.has('index') && project.read('index') === 'src/a.c src/b.c')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
  })
})
