import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const tasks = `
import { effect, files, task } from 'lakitu'
import { existsSync } from 'node:fs'
export const good = task('good', { about: 'does well', inputs: [files('src')], outputs: ['out'], command: ['cp', 'src', 'out'] })
export const bad = task('bad', { command: ['sh', '-c', 'echo first; echo the last words >&2; exit 7'] })
export const missing = task('missing', { command: ['no-such-program-anywhere'] })
export const user = task('user', { needs: { good }, command: ['true'] })
export const wait = task('wait', {
  run: async ({ root, log }) => {
    log('waiting')
    while (!existsSync(root + '/go')) await new Promise((resolve) => setTimeout(resolve, 20))
  },
})
export const nested = task('nested', { run: ({ exec, root }) => exec(process.execPath, [process.argv[1] ?? '', 'good', '-C', root]) })
export const blind = effect('blind', { probe: () => { if (existsSync('fog')) throw new Error('fog'); return 1 }, run: () => {} })
`

async function project(): Promise<CliProject> {
  return cliProject(tasks, { src: 'x' })
}

describe('the exit code', () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ['0 when all is done', ['good'], 0, /good/],
    [
      '1 when a task failed, with the end of its log and where all of it is',
      ['bad'],
      1,
      /E_COMMAND_FAILED[\s\S]*sh exited with code 7[\s\S]*the last words[\s\S]*logs\/bad\.log/,
    ],
    [
      '2 for an unknown task, with the nearest name',
      ['goood'],
      2,
      /E_UNKNOWN_TASK: There is no task "goood"\nNext: Did you mean good\?/,
    ],
    ['2 for an unknown option', ['good', '--frobnicate'], 2, /unknown option '--frobnicate'/],
    ['2 for jobs that are no number', ['good', '-j', 'many'], 2, /whole number above 0/],
    [
      '3 when a program is missing',
      ['missing'],
      3,
      /E_TOOL_MISSING: The program no-such-program-anywhere is not there[\s\S]*Next: Install no-such-program-anywhere/,
    ],
    ['1 when tasks failed for several reasons', ['bad', 'missing', '-k'], 1, /E_TOOL_MISSING/],
    ['0 for the version', ['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    ['0 for help', ['--help'], 0, /Usage: lakitu/],
    ['2 for a log that is not there', ['log', 'good'], 2, /E_NO_LOG/],
  ])('is %s', async (_what, args, code, text) => {
    const ended = await (await project()).run(...args)
    expect(`${ended.stdout}${ended.stderr}`).toMatch(text)
    expect(ended.code).toBe(code)
  })

  it('is 3 when the state of the world cannot be seen', async () => {
    const p = await project()
    expect((await p.run('blind')).code).toBe(0)
    p.write('fog', '')
    const { code, stdout } = await p.run('blind')
    expect([code, stdout]).toEqual([3, expect.stringContaining('E_WORLD_UNKNOWN')])
  })
})

describe('a config', () => {
  it('that is not there', async () => {
    const p = await project()
    const { code, stderr } = await p.run('-C', '/', 'good')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^E_NO_CONFIG: There is no lakitu\.config\.ts here or in a folder above\n {2}folder {2}\/\nNext: /,
    )
  })

  it('in a folder above is found; paths stay relative to it', async () => {
    const p = await project()
    p.write('deep/er/x', '')
    expect((await p.run('-C', 'deep/er', 'good')).code).toBe(0)
    expect(p.has('out')).toBe(true)
  })

  it('has its functions run in the folder of the project, wherever lakitu was started', async () => {
    const p = await cliProject(
      `import { task } from 'lakitu'\nimport { writeFileSync } from 'node:fs'
      export const here = task('here', { run: () => writeFileSync('here.txt', '') })`,
      { 'deep/er/x': '' },
    )
    const { code } = await p.start(['here'], {}, { inside: ['env', '-C', 'deep/er'] }).ended
    expect([code, p.has('here.txt')]).toEqual([0, true])
  })

  it.each<[string, string, RegExp]>([
    [
      'with an error of syntax',
      `export default {\n  tasks: [\n  nope nope\n}`,
      /E_CONFIG: The config does not load: [\s\S]*lakitu\.config\.ts:3/,
    ],
    [
      'that throws',
      `\n\nthrow new Error('no cluster today')`,
      /E_CONFIG: The config does not load: Error: no cluster today[\s\S]*lakitu\.config\.ts:3/,
    ],
    [
      'that imports what is not there',
      `import './nowhere.ts'`,
      /E_CONFIG: The config does not load: [\s\S]*nowhere\.ts/,
    ],
    [
      'that exports nothing',
      `export const x = 1`,
      /E_CONFIG: The config does not export a project as its default[\s\S]*defineConfig/,
    ],
    [
      'with a circle of imports',
      `import { a } from './circle.ts'\nexport const b = 1\nexport default { tasks: [a] }`,
      /E_CONFIG[\s\S]*before initialization[\s\S]*circle\.ts:2[\s\S]*write needs as a function/,
    ],
    [
      'with a graph that cannot be',
      `import { task } from 'lakitu'\nconst a = task('a', { needs: () => ({ a }) })\nexport default { tasks: [a] }`,
      /E_CYCLE: .*a → a\n {2}a {2}\S*lakitu\.config\.ts:2\n/,
    ],
  ])('%s', async (_what, text, expected) => {
    const p = await project()
    p.write('lakitu.config.ts', text)
    p.write('circle.ts', `import { b } from './lakitu.config.ts'\nexport const a = { it: b }`)
    const { code, stderr, stdout } = await p.run('good')
    expect(stderr).toMatch(expected)
    expect(stderr).not.toMatch(/\n {4}at |node:internal/)
    expect([code, stdout]).toEqual([2, ''])
    expect(p.has('.lakitu')).toBe(false)
  })

  it('of another language and name', async () => {
    const p = await project()
    p.write(
      'sub/other.mjs',
      `import { task } from 'lakitu'\nexport default { tasks: [task('js', { command: ['true'] })] }`,
    )
    expect((await p.run('--config', 'sub/other.mjs', 'js')).code).toBe(0)
    expect((await p.run('--config', 'sub/none.mjs', 'js')).stderr).toContain(
      'E_NO_CONFIG: There is no config sub/none.mjs',
    )
  })
})

describe('a second lakitu', () => {
  it('waits for the first and says so; with --no-wait it fails', async () => {
    const p = await project()
    const first = p.start(['wait'])
    await until('the first to begin', () => first.stdout().includes('waiting'))
    const second = p.start(['good'])
    await until('the second to wait', () => second.stdout().includes(`waiting for lakitu wait (pid ${first.pid}`))
    const third = await p.run('good', '--no-wait')
    expect([third.code, third.stderr]).toEqual([
      3,
      expect.stringContaining('E_LOCKED: Another lakitu is at work in this folder'),
    ])
    expect(third.stderr).toContain('lakitu wait')
    p.write('go', '')
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(await second.ended).toMatchObject({ code: 0 })
  })

  it('goes on at once when the first is killed', async () => {
    const p = await project()
    const first = p.start(['wait'])
    await until('the first to begin', () => first.stdout().includes('waiting'))
    const second = p.start(['good'])
    await until('the second to wait', () => second.stdout().includes('waiting for lakitu wait'))
    first.kill('SIGKILL')
    expect((await second.ended).code).toBe(0)
  })

  it('inside a task of the same project is refused with both names', async () => {
    const { code, stdout } = await (await project()).run('nested')
    expect(code).toBe(1)
    expect(stdout).toContain('E_NESTED: lakitu good was started inside task nested of the same project')
  })
})

describe('a project whose package is of CommonJS', () => {
  it('is told what to say in package.json', async () => {
    const p = await project()
    p.write('package.json', '{ "type": "commonjs" }')
    const { code, stderr } = await p.run('list')
    expect(code).toBe(2)
    expect(stderr).toContain('npm pkg set type=module')
    p.write('package.json', '{ "type": "module" }')
    expect((await p.run('list')).code).toBe(0)
  })
})

describe('a damaged journal', () => {
  it('is told by those that only look, which leave it as it is', async () => {
    const p = await project()
    await p.run('good')
    p.write('.cache/lakitu/journal', 'not what it was')
    for (const command of [['plan', 'good'], ['why', 'good'], ['list']]) {
      const { code, stderr } = await p.run(...command)
      expect([code, stderr]).toEqual([0, expect.stringContaining('.cache/lakitu/journal is damaged')])
    }
    expect(p.read('.cache/lakitu/journal')).toBe('not what it was')
  })

  it('is set aside and named, everything runs, and nothing of it is lost', async () => {
    const p = await project()
    await p.run('user', 'blind')
    for (const folder of ['.lakitu', '.cache/lakitu']) p.write(`${folder}/journal`, `not what it was, in ${folder}`)
    const { code, stdout } = await p.run('user', 'blind')
    expect(code).toBe(0)
    for (const folder of ['.lakitu', '.cache/lakitu']) {
      const file = p.path(`${folder}/journal`)
      expect(stdout).toContain(`${file} was damaged: nothing in it is believed, it is kept as ${file}.damaged`)
      expect(p.read(`${folder}/journal.damaged`)).toBe(`not what it was, in ${folder}`)
    }
    expect(await p.ran('user', 'blind')).toEqual([])
  })

  it('of a newer lakitu is not touched', async () => {
    const p = await project()
    await p.run('good')
    const { fileHeader } = await import('../../src/state/frames.ts')
    const newer = fileHeader(99).toString('latin1')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(p.path('.lakitu/journal'), newer, 'latin1')
    const { code, stderr } = await p.run('good')
    expect([code, stderr]).toEqual([2, expect.stringContaining('E_NEWER_STATE')])
    expect(readFileSync(p.path('.lakitu/journal'), 'latin1')).toBe(newer)
  })
})

describe('commands that only look', () => {
  it.each([
    [['plan']],
    [['plan', 'user', '--json']],
    [['why', 'good']],
    [['list', '--json']],
    [['list']],
    [[]],
    [['log', 'good']],
  ])('%j: change no byte', async (args) => {
    const p = await project()
    await p.run('user', '-k')
    p.write('src', 'edited')
    const before = tree(p.root)
    const { code, stderr } = await p.run(...args)
    expect([code, stderr]).toEqual([0, ''])
    expect(tree(p.root)).toEqual(before)
  })

  it('answer programs with JSON', async () => {
    const p = await project()
    const list: unknown = JSON.parse((await p.run('list', '--json')).stdout)
    expect(list).toContainEqual({
      name: 'user',
      kind: 'task',
      aliases: [],
      needs: ['good'],
      after: [],
      declared: expect.stringMatching(/tasks\.ts:7$/),
    })
    const plan: unknown = JSON.parse((await p.run('plan', 'user', '--json')).stdout)
    expect(plan).toEqual([
      { task: 'good', forecast: 'will', reasons: [{ kind: 'never-ran' }], ifChanged: [] },
      { task: 'user', forecast: 'will', reasons: [{ kind: 'never-ran' }], ifChanged: ['good'] },
    ])
  })

  it('show the tasks that say what they are for', async () => {
    const p = await project()
    expect((await p.run()).stdout).toMatch(
      /^good +stale +does well *\nand 6 tasks without a description \(lakitu list\)\n$/,
    )
    await p.run('good')
    expect((await p.run()).stdout).toMatch(/^good +fresh/)
  })

  it('show the log of the last run', async () => {
    const p = await project()
    await p.run('bad')
    expect((await p.run('log', 'bad')).stdout).toBe('first\nthe last words\n')
  })
})

describe('output', () => {
  it('as events: one start, one end for each task, one end', async () => {
    const { events, code } = await (await project()).events('user', 'bad', '-k')
    expect(code).toBe(1)
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['run-started', 'run-ended'])
    const inner = events.slice(1, -1)
    for (const task of ['good', 'user', 'bad']) {
      const types = inner.filter((event) => 'task' in event && event.task === task).map((event) => event.type)
      expect(types.filter((type) => type === 'task-ended')).toHaveLength(1)
      expect(types[0]).toBe('task-checking')
      expect(types[1]).toBe('task-started')
      expect(types.at(-1)).toBe('task-ended')
    }
  })

  it.each([['good'], ['list'], ['plan'], ['bad --output ndjson'], ['--help']])(
    'into a pipe that is closed does no harm: %s',
    async (args) => {
      const p = await project()
      const bin = fileURLToPath(new URL('../../bin/lakitu.js', import.meta.url))
      const script = `"$0" "$1" ${args} 2>err | true; echo "\${PIPESTATUS[0]}" > code`
      spawnSync('bash', ['-c', script, process.execPath, bin], { cwd: p.root })
      expect(p.read('err')).toBe('')
      expect(p.read('code')).toBe(args.startsWith('bad') ? '1\n' : '0\n')
      expect(p.has('out')).toBe(args === 'good')
    },
  )
})

/** Every file with its content and mode, but for what the stat cache keeps. */
function tree(root: string): Readonly<Record<string, string>> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    paths.flatMap((path) => {
      if (path === '.cache/lakitu/stat' || path === '.cache/lakitu/stamp') return []
      const stats = statSync(join(root, path))
      const content = stats.isFile() ? readFileSync(join(root, path), 'latin1') : 'folder'
      return [[path, `${stats.mode.toString(8)} ${content}`]]
    }),
  )
}
