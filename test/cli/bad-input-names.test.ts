import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

/** What people, and programs, call their files. */
const names = [
  ' blanks at both ends ',
  'two\nlines',
  'tab\tand \r return',
  'caf\u00e9 composed',
  'cafe\u0301 decomposed',
  '-rf',
  '--help',
  'star*question?[set]{a,b}(group)!bang+plus@at|bar',
  '!begins with a bang',
  '[a]',
  'back\\slash',
  '\\*',
  `'single' "double" \`back\``,
  '$HOME ~ #hash %41 & ; <x>',
  '\u001b[31mred',
  '__proto__',
  'constructor',
  '日本語 🚀',
  'n'.repeat(255),
]

/** One task for each name that copies it, and one that reads all of them by a glob. */
const tasks = `
import { writeFileSync } from 'node:fs'
import { input, files, json, output, task } from 'lakitu'
const names = json('names.json') as string[]
export const copies = names.map((name, i) => task('copy' + i, { command: ['cp', input(name), output('out/' + name)] }))
export const here = names.map((name, i) =>
  task('here' + i, { cwd: 'sub', command: ['sh', '-c', 'cat "$0" > "$1"', input(name), output('sub/' + name)] }),
)
export const counted = task('counted', {
  inputs: { listed: input(names), found: files('in/**') },
  outputs: ['counted'],
  run: ({ inputs, read }) => {
    const of = (paths) => Object.fromEntries(paths.map((path) => ['=' + path, read(path)]))
    writeFileSync('counted', JSON.stringify([of(inputs.listed), of(inputs.found)]))
  },
})
export const all = task('all', { needs: { copies, here, counted } })
`

async function named(): Promise<CliProject> {
  const project = await cliProject(tasks, { 'names.json': JSON.stringify(names) })
  mkdirSync(project.path('sub'))
  write(project, 'first')
  return project
}

function write(project: CliProject, text: string): void {
  for (const [i, name] of names.entries()) {
    project.write(name, `${text} ${i}`)
    project.write(`in/${name}`, `${text} ${i}`)
  }
}

function expectMade(project: CliProject, text: string): void {
  const wanted = names.map((name, i) => [name, `${text} ${i}`])
  for (const folder of ['out', 'sub']) {
    const made = readdirSync(project.path(folder)).map((name) => [name, project.read(`${folder}/${name}`)])
    expect(new Map(made as [string, string][])).toEqual(new Map(wanted as [string, string][]))
  }
  const [listed, found]: [Record<string, string>, Record<string, string>] = JSON.parse(project.read('counted'))
  expect(listed).toEqual(Object.fromEntries(wanted.map(([name, content]) => [`=${name}`, content])))
  expect(found).toEqual(Object.fromEntries(wanted.map(([name, content]) => [`=in/${name}`, content])))
}

describe('names of files', () => {
  it('may hold whatever a file system takes: built, fresh, built again after an edit, put back', async () => {
    const project = await named()
    expect(await project.run('all')).toMatchObject({ code: 0, stderr: '' })
    expectMade(project, 'first')
    expect(await project.ran('all')).toEqual([])
    write(project, 'second')
    expect(await project.ran('all')).toHaveLength(2 * names.length + 2)
    expectMade(project, 'second')
    write(project, 'first')
    for (const folder of ['out', 'counted']) project.remove(folder)
    expect((await project.events('all')).restored).toHaveLength(2 * names.length + 1)
    expectMade(project, 'first')
  })

  it.each(['__proto__', 'constructor', 'two\nlines'])(
    'that are odd (%j) are seen when one alone is edited',
    async (name) => {
      const project = await cliProject(
        `import { files, input, output, task } from 'lakitu'
export const other = task('other', { command: ['cp', input('other'), output('made')] })
export const listed = task('listed', { inputs: { all: input([other, ${JSON.stringify(name)}]) }, outputs: ['out'], command: ['touch', 'out'] })
export const found = task('found', { inputs: { all: files('in/**') }, outputs: ['out2'], command: ['touch', 'out2'] })
export const all = task('all', { needs: { listed, found }, command: ['true'] })
`,
        { [name]: '1', [`in/${name}`]: '1', other: '1' },
      )
      expect(await project.run('all')).toMatchObject({ code: 0 })
      expect(await project.ran('all')).toEqual([])
      project.write(name, '2')
      expect(await project.ran('listed', 'found')).toEqual(['listed'])
      project.write(`in/${name}`, '2')
      expect(await project.ran('listed', 'found')).toEqual(['found'])
    },
  )

  it('that a terminal would obey are shown, not obeyed', async () => {
    const project = await named()
    await project.run('all')
    project.write('\u001b[31mred', 'edited')
    for (const args of [['plan', 'all'], ['why', 'counted'], ['all']]) {
      const child = project.start(args).child
      let said = ''
      child.stdout?.on('data', (text: string) => {
        said += text
      })
      await new Promise((resolve) => child.once('close', resolve))
      expect(said).not.toContain('\u001b')
    }
  })

  it('of 4,000 characters with their folders are taken; a single one of so many is a clear error', async () => {
    const deep = `${'folder/'.repeat(550)}`.slice(0, 3900 - 6)
    const long = `${deep}${'f'.repeat(100)}`
    const project = await cliProject(
      `import { input, output, task } from 'lakitu'
export const deep = task('deep', { command: ['cp', input('${long}'), output('out')] })
export const back = task('back', { command: ['cp', input('out'), output('b/${long.slice(2)}')] })
export const wide = task('wide', { command: ['cp', input('${'w'.repeat(4000)}'), output('out2')] })
export const beyond = task('beyond', { command: ['cp', input('${'beyond/'.repeat(700)}x'), output('out3')] })
export const made = task('made', { command: ['sh', '-c', 'true', output('${'m'.repeat(4000)}')] })
`,
      { [long]: 'text' },
    )
    expect(await project.run('back', 'deep')).toMatchObject({ code: 0 })
    expect(project.read(`b/${long.slice(2)}`)).toBe('text')
    expect(await project.ran('back', 'deep')).toEqual([])
    for (const task of ['wide', 'beyond', 'made']) {
      const { code, stdout, stderr } = await project.run(task)
      expect(stdout).toMatch(/E_NAMETOOLONG: A name or a path is too long[\s\S]*Next: /)
      expect([code, stderr]).toEqual([3, ''])
      expect(stdout).not.toContain('E_UNEXPECTED')
    }
  })

  it('of tasks may be long, too, and what every object has', async () => {
    const [long, wide] = ['t'.repeat(4000), 'задача'.repeat(20)]
    const other = `${long.slice(0, -1)}u`
    const all = [long, other, wide, '__proto__', 'constructor', 'toString']
    const project = await cliProject(
      `import { input, output, task } from 'lakitu'
const names = ${JSON.stringify(all)}
export const each = names.map((name, i) => task(name, { command: ['sh', '-c', 'echo "$0"; cp "$1" "$2"', 'log of ' + i, input('in'), output('out' + i)] }))
export const last = task('last', { needs: Object.fromEntries(each.map((task) => [task.name, task])), run: ({ needs }) => Object.keys(needs).length })
`,
      { in: 'x' },
    )
    const first = await project.events('last')
    expect([first.code, first.ran.length]).toEqual([0, all.length + 1])
    expect(await project.ran('last')).toEqual([])
    for (const [i, name] of all.entries()) {
      expect(await project.run('log', name)).toMatchObject({ code: 0, stdout: `log of ${i}\n` })
    }
    project.write('in', 'y')
    expect(await project.ran('last')).toHaveLength(all.length + 1)
  })
})

describe.skipIf(process.platform !== 'linux')('a name that is no UTF-8', () => {
  const raw = (project: CliProject, ending: string) =>
    Buffer.concat([Buffer.from(`${project.root}/src/caf`), Buffer.from([0xe9]), Buffer.from(ending)])
  const globbing = `
import { files, task } from 'lakitu'
export const all = task('all', { inputs: { from: files('src/**/*.c') }, outputs: ['out'], command: ['sh', '-c', 'cat src/*.c > out'] })
export const made = task('made', { outputs: ['folder'], command: ['sh', '-c', 'mkdir folder && printf x > folder/$(printf "caf\\\\351")'] })
`
  const error = /E_NAME_NOT_UTF8: .*caf\ufffd[\s\S]*Next: /

  it('is an error where it is an input: its edits could not be seen', async () => {
    const project = await cliProject(globbing, { 'src/a.c': 'a' })
    writeFileSync(raw(project, '.c'), 'hidden')
    const { code, stdout } = await project.run('all')
    expect([code, stdout]).toEqual([3, expect.stringMatching(error)])
    rmSync(raw(project, '.c'))
    expect(await project.run('all')).toMatchObject({ code: 0 })
  })

  it('is an error where it is a folder in which inputs may be', async () => {
    const project = await cliProject(globbing, { 'src/a.c': 'a' })
    mkdirSync(raw(project, ''))
    writeFileSync(raw(project, '/b.c'), 'hidden')
    const { code, stdout } = await project.run('all')
    expect([code, stdout]).toEqual([3, expect.stringMatching(error)])
  })

  it('does no harm where nobody asks for it', async () => {
    const project = await cliProject(globbing, { 'src/a.c': 'a' })
    writeFileSync(raw(project, '.txt'), 'hidden')
    expect(await project.run('all')).toMatchObject({ code: 0 })
    expect(await project.ran('all')).toEqual([])
  })

  it('is an error where a task makes it: what it holds could not be known again', async () => {
    const project = await cliProject(globbing)
    const { code, stdout } = await project.run('made')
    expect([code, stdout]).toEqual([3, expect.stringMatching(error)])
    expect(await project.run('made')).toMatchObject({ code: 3 })
  })
})
