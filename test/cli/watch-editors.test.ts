import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { idle, idles, isIdle, ranIn, since, stop, watching } from '../support/watching.ts'

const tasks = `import { files, task } from 'lakitu'
export const copy = task('copy', { inputs: { from: files('in/**') }, outputs: ['out'],
  command: ['sh', '-c', 'cat in/* in/*/* 2>/dev/null > out; true'] })
`

/** How editors write `in/a`. */
const editors: Readonly<Record<string, (project: CliProject) => void>> = {
  'vim, which tries 4913 first, keeps a backup and writes anew': (project) => {
    project.write('in/4913', '')
    project.remove('in/4913')
    renameSync(project.path('in/a'), project.path('in/a~'))
    project.write('in/a', '2')
    project.remove('in/a~')
  },
  'emacs, with a lock that is a link to nowhere and an autosave': (project) => {
    symlinkSync('me@host.1:2', project.path('in/.#a'))
    project.write('in/#a#', '2')
    project.write('in/a', '2')
    project.remove('in/#a#')
    rmSync(project.path('in/.#a'))
  },
  'VS Code, in place': (project) => project.write('in/a', '2'),
  'sed -i, by a rename': (project) => {
    execFileSync('sed', ['-i', 's/1/2/', project.path('in/a')])
  },
}

describe('an edit by', () => {
  it.each(Object.keys(editors))('%s makes the task run once', async (name) => {
    const project = await cliProject(tasks, { 'in/a': '1' })
    const running = await watching(project, 'copy')
    // What a run made is there before it has said that it is over, or even that it began.
    const made = (text: string) => project.has('out') && project.read('out') === text && isIdle(running)
    editors[name]?.(project)
    await until('the edit', () => idles(running) > 1 && made('2'))
    const before = idles(running)
    // Whatever was still to come would have come before this one.
    project.write('in/b', '3')
    await until('the next edit', () => idles(running) > before && made('23'))
    expect(ranIn(since(running, 1))).toEqual(['copy', 'copy'])
    // Each of the two edits was one thing to look at, however many steps an editor takes.
    expect(since(running, 1).filter(({ type }) => type === 'watch-woken')).toHaveLength(2)
    await stop(running)
  })

  it('a rename is a deletion and a new file, and one run', async () => {
    const project = await cliProject(tasks, { 'in/a': '1', 'in/z': '2' })
    const running = await watching(project, 'copy')
    renameSync(project.path('in/a'), project.path('in/zz'))
    await idle(running, 2)
    expect(project.read('out')).toBe('21')
    const events = since(running, 1)
    expect(events).toContainEqual(expect.objectContaining({ type: 'watch-woken', paths: ['in/a', 'in/zz'] }))
    expect(events.flatMap((event) => (event.type === 'task-started' ? [event.reasons] : []))).toMatchObject([
      [
        { path: ['inputs', 'from', 'in/zz'], change: 'added' },
        { path: ['inputs', 'from', 'in/a'], change: 'removed' },
      ],
    ])
    await stop(running)
  })
})

const git = (project: CliProject, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=me', '-c', 'user.email=me@here', ...args], {
    cwd: project.root,
    stdio: 'ignore',
  })
const hasGit = spawnSync('git', ['--version']).status === 0

describe('many edits', () => {
  it.skipIf(!hasGit)('that come with another branch make the task run once', async () => {
    const project = await cliProject(tasks, { 'in/a': '1', '.gitignore': '.lakitu\n.cache\nout\n' })
    git(project, 'init', '-b', 'main')
    const all = Array.from({ length: 100 }, (_, n) => `in/sub${n % 7}/${n}`)
    for (const path of all) project.write(path, 'old')
    git(project, 'add', '.')
    git(project, 'commit', '-m', 'old')
    git(project, 'checkout', '-b', 'other')
    for (const path of all.slice(0, 90)) project.write(path, 'new')
    for (const path of all.slice(90)) project.remove(path)
    for (let n = 200; n < 210; n += 1) project.write(`in/more/${n}`, 'more')
    git(project, 'add', '.')
    git(project, 'commit', '-m', 'new')
    git(project, 'checkout', 'main')
    const running = await watching(project, 'copy')
    git(project, 'checkout', 'other')
    await idle(running, 2)
    expect(project.read('out')).toBe(`1${'more'.repeat(10)}${'new'.repeat(90)}`)
    expect(ranIn(since(running, 1))).toEqual(['copy'])
    await stop(running)
  })

  it('while git has its index locked make the task run once, when the lock is gone', async () => {
    const project = await cliProject(tasks, { 'in/a': '1' })
    mkdirSync(project.path('.git'))
    const running = await watching(project, 'copy')
    project.write('.git/index.lock', '')
    for (let n = 100; n < 200; n += 1) project.write(`in/${n}`, `${n} `)
    // Longer than what counts as quiet, by the time that the other folder's watch takes to run.
    const other = await cliProject(tasks, { 'in/a': '1' })
    const beside = await watching(other, 'copy')
    other.write('in/a', '2')
    await idle(beside, 2)
    await stop(beside)
    expect(ranIn(since(running, 1))).toEqual([])
    project.remove('.git/index.lock')
    await idle(running, 2)
    expect(project.read('out')).toMatch(/^100 101 .* 199 1$/)
    expect(ranIn(since(running, 1))).toEqual(['copy'])
    await stop(running)
  })
})

describe('a folder of inputs', () => {
  it('that comes, goes and comes back is followed', async () => {
    const project = await cliProject(tasks)
    const running = await watching(project, 'copy')
    project.write('in/a', '1')
    await idle(running, 2)
    expect(project.read('out')).toBe('1')
    project.remove('in')
    await idle(running, 3)
    expect(project.read('out')).toBe('')
    project.write('in/a', '2')
    await idle(running, 4)
    expect(project.read('out')).toBe('2')
    project.write('in/sub/b', '3')
    await idle(running, 5)
    expect(project.read('out')).toBe('23')
    // What it made of nothing is put back when the folder goes.
    expect(ranIn(since(running, 1))).toHaveLength(3)
    await stop(running)
  })

  it('that is renamed is followed under its new name', async () => {
    const project = await cliProject(tasks, { 'in/one/a': '1' })
    const running = await watching(project, 'copy')
    renameSync(project.path('in/one'), project.path('in/two'))
    await idle(running, 2)
    expect(project.read('out')).toBe('1')
    writeFileSync(project.path('in/two/a'), '2')
    await idle(running, 3)
    expect(project.read('out')).toBe('2')
    await stop(running)
  })
})
