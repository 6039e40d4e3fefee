import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

const tasks = `import { effect, files, glob, input, read, secret, task } from 'lakitu'
import { existsSync, writeFileSync } from 'node:fs'
import { helper } from './lib/helper.ts'
const listed = glob('listed/*.txt')
const text = read('text')
export const roles = effect('roles', { inputs: { tree: files('roles/**', '!roles/**/*.md') },
  probe: () => existsSync('up') || null, run: () => writeFileSync('up', ''),
  explain: ({ file, recorded }) => file === 'roles/b/bad' ? (() => { throw new Error('not mine') })()
    : [\`\${file ?? 'all'} → on \${listed.length} hosts\`, recorded.outcome ?? 'never'] })
export const gen = task('gen', { inputs: [files('src')], outputs: ['made'], command: ['cp', 'src', 'made'] })
export const use = task('use', { inputs: { part: input(gen) }, command: ['true'] })
export const smoke = task('smoke', { needs: { roles }, run: () => helper() })
export const finds = task('finds', { inputs: { token: secret({ file: 'token' }) }, run: ({ read }) => read('found') })
`

async function project(): Promise<CliProject> {
  const all = { 'lib/helper.ts': 'export const helper = () => {}\n', src: 'x', token: 'very secret', 'lib/linked': '1' }
  const made = await cliProject(tasks, all)
  mkdirSync(made.path('roles'))
  symlinkSync('../lib/linked', made.path('roles/link'))
  return made
}

async function edit(made: CliProject, ...files: readonly string[]) {
  const { code, stdout, stderr } = await made.run('plan', ...files.flatMap((file) => ['--file', file]), '--json')
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

const reads = (task: string, ...how: readonly string[]) => expect.objectContaining({ task, how })

describe('lakitu plan --file', () => {
  it('names who reads a file, there or not, and what may run behind them', async () => {
    const made = await project()
    await made.run('roles', 'finds')
    const [fresh, notes, src, output, found, token, linked] = await edit(
      made,
      'roles/new/tasks.yml',
      'roles/a.md',
      'src',
      'made',
      'found',
      './token',
      'lib/linked',
    )
    expect(fresh).toMatchObject({
      file: 'roles/new/tasks.yml',
      readers: [reads('roles', 'input tree')],
      behind: ['smoke'],
    })
    expect(notes).toEqual({ file: 'roles/a.md', readers: [], behind: [], config: false })
    expect(src).toMatchObject({ readers: [reads('gen', 'input 0')], behind: ['use'] })
    expect(output).toMatchObject({ maker: 'gen', behind: ['use'] })
    expect([found.readers, token.readers]).toEqual([
      [reads('finds', 'discovered input')],
      [reads('finds', 'secret token')],
    ])
    expect(linked).toMatchObject({ readers: [reads('roles', 'input tree, through roles/link')] })
  })

  it('knows code, and what the config looked at while it loaded', async () => {
    const made = await project()
    const [helper, text, listed, config] = await edit(
      made,
      'lib/helper.ts',
      'text',
      'listed/new.txt',
      'lakitu.config.ts',
    )
    const all = ['finds', 'roles', 'smoke']
    expect(helper).toMatchObject({ config: true, readers: all.map((task) => reads(task, 'code')) })
    expect(text).toMatchObject({ config: true, readers: all.map((task) => reads(task, 'read(text)')) })
    expect(listed).toMatchObject({ config: true, readers: all.map((task) => reads(task, 'glob(listed/*.txt)')) })
    expect(config).toMatchObject({ config: true, readers: [] })
  })

  it('tells in words what an edit would run, from where it was asked, and changes nothing', async () => {
    const made = await project()
    await made.run('roles')
    const { code, stdout } = await made.run(
      'plan',
      '-C',
      'lib',
      '--file',
      '../roles/x',
      '--file',
      '../roles/b/bad',
      '--file',
      'none',
    )
    expect([code, stdout]).toEqual([
      0,
      `roles/x:
  roles (input tree)
    roles/x → on 0 hosts
    done
  may run after that: smoke
roles/b/bad:
  roles (input tree)
    Error: not mine
  may run after that: smoke
lib/none: no task reads it
`,
    ])
  })

  it.each([
    ['../beside', /E_FILE: \.\.\/beside lies outside the project/],
    ['lib', /E_FILE: lib is a folder/],
  ])('of %s is wrong usage', async (file, text) => {
    const { code, stderr } = await (await project()).run('plan', '--file', file)
    expect([code, stderr]).toEqual([2, expect.stringMatching(text)])
  })
})

describe('lakitu plan', () => {
  it('shows under an effect that will run what it says of itself', async () => {
    const made = await project()
    const { stdout } = await made.run('plan', 'smoke')
    expect(stdout).toMatch(
      /^will run {2}roles {2}never ran here\n {2}all → on 0 hosts\n {2}never\n(will|may) run .*smoke/,
    )
    expect(JSON.parse((await made.run('plan', 'roles', '--json')).stdout)).toMatchObject([
      { task: 'roles', explains: ['all → on 0 hosts', 'never'] },
    ])
    await made.run('roles')
    expect((await made.run('plan', 'roles')).stdout).toBe('fresh  roles\n')
  })
})
