import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

const reading = (expression: string, top = '') => `
import { task } from 'lakitu'
import { writeFileSync } from 'node:fs'
${top}
const level = ${expression}
export const made = task('made', { outputs: ['out'], run: ({ root }) => writeFileSync(root + '/out', String(level)) })
export const words = task('words', { outputs: ['words'], command: ['sh', '-c', 'echo > words'] })
`

async function run(project: CliProject, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await project.start([...args], env).ended
  return { code, text: stdout + stderr }
}

function everythingBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((file) => readFileSync(`${file.parentPath}/${file.name}`, 'latin1')).join('\n')
}

describe('a variable that a module reads while it loads', () => {
  it.each([
    ['process.env.LEVEL', ''],
    ["process.env['LEVEL']", ''],
    ["'LEVEL' in process.env", ''],
    ["Object.hasOwn(process.env, 'LEVEL')", ''],
    ['env.LEVEL', "import { env } from 'node:process'"],
    ['LEVEL', 'const { LEVEL } = process.env'],
  ])('by %s is part of its code', async (expression, top) => {
    const project = await cliProject(reading(expression, top))
    expect((await run(project, ['made', 'words'])).code).toBe(0)
    expect((await run(project, ['made', 'words'])).text).toContain('nothing to do')
    expect((await run(project, ['made', 'words'], { OTHER: '1' })).text).toContain('nothing to do')
    expect((await run(project, ['why', 'made'], { LEVEL: '3' })).text).toContain('code › env(LEVEL) changed')
    expect((await run(project, ['why', 'words'], { LEVEL: '3' })).text).toContain('words: fresh')
    expect((await run(project, ['made'], { LEVEL: '3' })).code).toBe(0)
    expect((await run(project, ['made'], { LEVEL: '3' })).text).toContain('nothing to do')
  })

  it('is never written down itself', async () => {
    const project = await cliProject(reading('process.env.LEVEL?.length'))
    expect((await run(project, ['made'], { LEVEL: 'a-very-secret-level' })).code).toBe(0)
    expect(everythingBelow(project.path('.'))).not.toContain('a-very-secret-level')
    expect((await run(project, ['made'], { LEVEL: 'a-VERY-secret-level' })).text).not.toContain('nothing to do')
  })

  it('counts for whoever called the helper that reads it', async () => {
    const project = await cliProject(
      `import { task } from 'lakitu'\nimport { on } from './registry.ts'
on()
export const made = task('made', { outputs: ['out'], run: ({ exec }) => exec('touch', ['out']).then(() => {}) })`,
      {
        'registry.ts':
          'export const functions: (() => void)[] = []\nexport const on = () => functions.forEach((f) => f())\n',
        'reader.ts': `import { functions } from './registry.ts'\nfunctions.push(() => void process.env.LEVEL)\n`,
      },
    )
    project.write('lakitu.config.ts', `import './reader.ts'\n${project.read('lakitu.config.ts')}`)
    await run(project, ['made'])
    expect((await run(project, ['why', 'made'], { LEVEL: '1' })).text).toContain('env(LEVEL) changed')
  })

  it('may be read later as ever: the environment is put back when the config has loaded', async () => {
    const seen =
      "['LEVEL' in level, Object.keys(process.env).length > 2, Object.keys(level).length > 2, level !== process.env]"
    const project = await cliProject(reading('process.env').replace('String(level)', `String(${seen})`))
    expect(await run(project, ['made'], { LEVEL: '3' })).toMatchObject({ code: 0 })
    expect(project.read('out')).toBe('true,true,true,true')
    expect((await run(project, ['made'], { LEVEL: '4' })).text).toContain('nothing to do')
  })
})

describe('going through the environment while the config loads', () => {
  it.each([
    'Object.keys(process.env)',
    '({ ...process.env })',
    'JSON.stringify(process.env)',
    'Object.entries(process.env).length',
    '(() => { for (const name in process.env) return name })()',
  ])('by %s is an error that points at env()', async (expression) => {
    const project = await cliProject(reading(expression))
    const { code, text } = await run(project, ['list'])
    expect(code).toBe(2)
    expect(text).toContain('E_ENV_ENUMERATED')
    expect(text).toContain("env('NAME')")
    expect(text).toMatch(/read +.*tasks\.ts:5\b/)
  })

  it('is nobody else’s fault: neither a package’s nor Node’s', async () => {
    const project = await cliProject(
      reading(
        "all() + execFileSync('sh', ['-c', 'echo $LEVEL'], { encoding: 'utf8' })",
        "import { all } from 'all'\nimport { execFileSync } from 'node:child_process'",
      ),
      {
        'node_modules/all/package.json': '{ "name": "all", "version": "1.0.0", "type": "module", "main": "all.js" }',
        'node_modules/all/all.js':
          'export const all = () => Object.keys(process.env).length + String(process.env.LEVEL)\n',
      },
    )
    expect(await run(project, ['made'], { LEVEL: '3' })).toMatchObject({ code: 0 })
    expect(project.read('out')).toMatch(/3{2}\n$/)
    expect((await run(project, ['made'], { LEVEL: '4' })).text).toContain('nothing to do')
  })

  it('of a CommonJS module of the project is one too, and what it reads counts', async () => {
    const top = "import { level as read } from './level.cjs'"
    const project = await cliProject(reading('read', top), { 'level.cjs': 'exports.level = process.env.LEVEL\n' })
    await run(project, ['made'])
    expect((await run(project, ['why', 'made'], { LEVEL: '1' })).text).toContain('env(LEVEL) changed')
    project.write('level.cjs', 'exports.level = Object.keys(process.env).length\n')
    expect((await run(project, ['list'])).text).toContain('E_ENV_ENUMERATED')
  })
})
