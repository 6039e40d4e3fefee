import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject, type Running } from '../support/cli.ts'
import { until } from '../support/until.ts'

/** The README's C project, with headers that nobody declares. */
const config = `
import { depfile, input, output, task } from 'lakitu'

const object = (name: string) =>
  task(\`obj/\${name}\`, {
    command: ['cc', '-MMD', '-MP', '-MF', depfile(), '-Isrc', '-Iinc', '-c', input(\`src/\${name}.c\`), '-o', output(\`build/\${name}.o\`)],
  })
const objects = ['main', 'list', 'util'].map(object)
export const all = objects
export const app = task('app', { about: 'the program', command: ['cc', '-o', output('build/app'), input(objects)] })
`
const sources = {
  'src/main.c': '#include <stdio.h>\n#include "list.h"\nint main(void) { printf("%d\\n", LIST + util()); }\n',
  'src/list.c': '#include "list.h"\n#include "odd name$.h"\nint list = LIST + ODD;\n',
  'src/util.c': 'int util(void) { return 1; }\n',
  'inc/list.h': '#include "deep/types.h"\n#define LIST TYPES\nint util(void);\n',
  'inc/deep/types.h': '#define TYPES 10\n',
  'inc/odd name$.h': '#define ODD 1\n',
}

async function built(): Promise<CliProject> {
  const project = await cliProject(config, sources)
  const { code, ran } = await project.events('app')
  expect([code, ran.toSorted()]).toEqual([0, ['app', 'obj/list', 'obj/main', 'obj/util']])
  return project
}

const sorted = async (project: CliProject) => (await project.ran('app')).toSorted()

describe('a C project whose compiler says what it read', () => {
  it('rebuilds exactly what includes the header that was edited', async () => {
    const project = await built()
    expect(await project.ran('app')).toEqual([])
    project.write('inc/deep/types.h', '#define TYPES 20\n')
    expect((await project.run('why', 'obj/main')).stdout).toMatch(
      /^obj\/main: will run\n {2}discovered › inc\/deep\/types\.h changed\n {2}discovered inputs: inc\/deep\/types\.h and inc\/list\.h\n/,
    )
    expect((await project.run('plan', 'app')).stdout).toMatch(
      /will run +obj\/main +discovered › inc\/deep\/types\.h changed/,
    )
    expect(await sorted(project)).toEqual(['app', 'obj/list', 'obj/main'])
    expect(await project.ran('app')).toEqual([])
    project.write('inc/odd name$.h', '#define ODD 2\n')
    expect(await sorted(project)).toEqual(['app', 'obj/list'])
  })

  it('goes on when a header is deleted that nothing includes any more, and fails when something does', async () => {
    const project = await built()
    project.write('src/list.c', '#include "list.h"\nint list = LIST;\n')
    project.remove('inc/odd name$.h')
    expect(await sorted(project)).toEqual(['app', 'obj/list'])
    expect(await project.ran('app')).toEqual([])
    project.remove('inc/deep/types.h')
    const { code, stdout } = await project.run('app', '--keep-going')
    expect(code).toBe(1)
    expect(stdout).toContain('deep/types.h: No such file')
    project.write('inc/deep/types.h', sources['inc/deep/types.h'])
    // The objects are put back as they were, so there is nothing to link.
    const { ran, restored } = await project.events('app')
    expect([ran, restored.toSorted()]).toEqual([[], ['obj/list', 'obj/main']])
  })

  it('answers --json with what was discovered', async () => {
    const project = await built()
    expect(JSON.parse((await project.run('why', 'obj/list', '--json')).stdout)).toMatchObject({
      forecast: 'fresh',
      discovered: ['inc/deep/types.h', 'inc/list.h', 'inc/odd name$.h'],
    })
  })

  it('tells of a compiler that was not asked for a depfile', async () => {
    const project = await cliProject(
      config
        .replace("'-MMD', '-MP', '-MF', depfile(), ", '')
        .replace('command:', "depfile: 'build/x.d', command:")
        .replace("['main', 'list', 'util']", "['util']"),
      sources,
    )
    const { code, stdout } = await project.run('obj/util')
    expect(code).toBe(1)
    expect(stdout).toContain('E_DEPFILE_MISSING')
    expect(stdout).toContain('Task obj/util ended well but did not write its depfile build/x.d')
  })
})

describe('a function that looks for a file', () => {
  it('runs again when one comes to shadow what it found', async () => {
    const project = await cliProject(
      `
import { task } from 'lakitu'
import { writeFileSync } from 'node:fs'
export const find = task('find', {
  outputs: ['found'],
  run: ({ read }) => writeFileSync('found', read('local/settings') ?? read('settings') ?? 'none'),
})
`,
      { settings: 'shared' },
    )
    expect(await project.ran('find')).toEqual(['find'])
    expect([project.read('found'), await project.ran('find')]).toEqual(['shared', []])
    project.write('local/settings', 'mine')
    expect((await project.run('why', 'find')).stdout).toContain('discovered › local/settings is new')
    expect([await project.ran('find'), project.read('found')]).toEqual([['find'], 'mine'])
    project.write('settings', 'shadowed')
    expect(await project.ran('find')).toEqual([])
  })
})

const idle = (running: Running, n: number) =>
  until(`idle number ${n}`, () => running.stdout().split('"watch-idle"').length > n)

describe('lakitu watch', () => {
  it('wakes for headers that the compiler found, for new ones too, and for one that broke the first build', async () => {
    const project = await cliProject(config, { ...sources, 'inc/deep/types.h': 'int broken(\n' })
    const running = project.start(['watch', 'app', '--output', 'ndjson'])
    await idle(running, 1)
    expect(project.has('build/app')).toBe(false)
    project.write('inc/deep/types.h', sources['inc/deep/types.h'])
    await idle(running, 2)
    expect(project.has('build/app')).toBe(true)
    project.write('inc/list.h', '#include "new/more.h"\n#define LIST MORE\nint util(void);\n')
    await idle(running, 3)
    project.write('inc/new/more.h', '#define MORE 5\n')
    await idle(running, 4)
    project.write('inc/new/more.h', '#define MORE 6\n')
    await idle(running, 5)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(await project.ran('app')).toEqual([])
    expect(await project.ran('obj/util')).toEqual([])
  })
})
