import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const config = `
import { json, read, task } from 'lakitu'
import { writeFileSync } from 'node:fs'
const version = read('./VERSION')?.trim() ?? 'none'
const settings = json('settings.json')
const level = typeof settings === 'object' && settings !== null && 'level' in settings ? settings.level : 'default'
export const made = task('made', {
  outputs: ['out'],
  run: ({ root }) => writeFileSync(root + '/out', version + ' ' + level),
})
export const words = task('words', { outputs: ['words'], command: ['sh', '-c', 'echo > words'] })
`

describe('read() and json() while the config loads', () => {
  it('answer what is there or undefined, and their content is part of the code', async () => {
    const project = await cliProject(config)
    expect((await project.ran('made', 'words')).toSorted()).toEqual(['made', 'words'])
    expect(project.read('out')).toBe('none default')
    expect(await project.ran('made', 'words')).toEqual([])
    project.write('VERSION', '1\n')
    expect((await project.run('why', 'made')).stdout).toContain('code › read(VERSION) changed')
    expect(await project.ran('made', 'words')).toEqual(['made'])
    project.write('settings.json', '{ "level": 3 }')
    expect(await project.ran('made', 'words')).toEqual(['made'])
    expect(project.read('out')).toBe('1 3')
    project.remove('VERSION')
    expect(await project.ran('made')).toEqual(['made'])
    expect(await project.ran('made')).toEqual([])
  })

  it('say of a file that is not JSON which it is', async () => {
    const project = await cliProject(config, { 'settings.json': '{ "level": }' })
    const { code, stderr } = await project.run('list')
    expect(code).toBe(2)
    expect(stderr).toContain('E_JSON_SYNTAX')
    expect(stderr).toContain('settings.json is not JSON')
    expect(stderr).toMatch(/read +.*tasks\.ts:5\b/)
  })

  it('may not read what a task makes', async () => {
    const project = await cliProject(config.replace('./VERSION', 'words'))
    const { code, stderr } = await project.run('list')
    expect(code).toBe(2)
    expect(stderr).toContain('E_LOADS_OUTPUT')
    expect(stderr).toContain('read(words) found words while the config loaded, and task words makes it')
    expect(stderr).toMatch(/called +.*tasks\.ts:4\b/)
    expect(stderr).toMatch(/words +.*tasks\.ts:11\b/)
  })

  it.each(['read', 'json'])('%s is an error in a function that runs later, which points at ctx.read', async (name) => {
    const project = await cliProject(
      `import { ${name}, task } from 'lakitu'\nexport const late = task('late', { run: () => void ${name}('x') })`,
    )
    const { code, stdout } = await project.run('late')
    expect(code).toBe(2)
    expect(stdout).toContain(`E_NOT_LOADING`)
    expect(stdout).toContain('ctx.read(path)')
  })

  it('make a watch load the config again, also when the file comes into being', async () => {
    const project = await cliProject(config)
    const running = project.start(['watch', 'made', '--output', 'ndjson'])
    const idle = (n: number) => until(`idle ${n}`, () => running.stdout().split('"watch-idle"').length > n)
    await idle(1)
    project.write('VERSION', '1')
    await idle(2)
    expect(project.read('out')).toBe('1 default')
    project.write('VERSION', '2')
    await idle(3)
    expect(project.read('out')).toBe('2 default')
    project.write('settings.json', '{')
    await until('the error', () => running.stderr().includes('E_JSON_SYNTAX'))
    project.write('settings.json', '{ "level": 7 }')
    await idle(4)
    expect(project.read('out')).toBe('2 7')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
  })
})
