import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'

const tasks = `
import { command, task, LakituError } from 'lakitu'
export const good = task('good', { alias: 'fine', command: ['true'] })
export const greet = command('greet', {
  about: 'says hello',
  arguments: [{ name: 'who', about: 'to whom', many: true, optional: true }],
  options: { loud: { about: 'louder' }, 'in-words': { value: 'n', about: 'how often' } },
  run: async ({ args, options, json, out, log, warn, exec, root }) => {
    if (args.includes('nobody')) throw new LakituError({ code: 'E_NOBODY', headline: 'Nobody is there', family: 'drift' })
    log('on the way')
    if (options.loud) warn('loud')
    const { stdout } = await exec('pwd', [], { silent: true })
    out(JSON.stringify({ args, options, json, here: stdout.trim() === root }))
    return args.includes('seven') ? 7 : undefined
  },
})
export const stay = command('stay', {
  about: 'waits',
  options: { long: { about: 'long' } },
  run: ({ signal, log }) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('cut off')))
    log('waiting')
  }),
})
export const slow = task('slow', { always: true, command: ['sh', '-c', 'echo begun > begun; until test -e go; do sleep 0.05; done; echo ended >> order'] })
export const look = command('look', {
  about: 'alone',
  run: ({ alone, exec, out }) => alone(async () => {
    await exec('sh', ['-c', 'echo looked >> order'], { silent: true })
    out('looked')
  }),
})
export const status = command('status', { about: 'how it is', arguments: [{ name: 'host', about: 'which' }], run: () => {} })
`

async function project(more = ''): Promise<CliProject> {
  return cliProject(tasks + more)
}

const answer = (args: readonly string[], options: object = {}, json = false) =>
  `${JSON.stringify({ args, options, json, here: true })}\n`

describe('a command that the config registers', () => {
  it.each<[readonly string[], string, string]>([
    [['greet'], answer([]), 'on the way\n'],
    [['greet', 'ann', 'bob'], answer(['ann', 'bob']), 'on the way\n'],
    [['greet', 'ann', '--loud'], answer(['ann'], { loud: true }), 'on the way\nwarning: loud\n'],
    [['greet', '--in-words', 'two', 'ann', '-q'], answer(['ann'], { 'in-words': 'two' }), ''],
    [['--json', 'greet', 'ann'], answer(['ann'], {}, true), 'on the way\n'],
    [['greet', '--loud', '--json', '-q'], answer([], { loud: true }, true), 'warning: loud\n'],
    [['greet', '--', '--loud'], answer(['--loud']), 'on the way\n'],
  ])('gets its words and options: %j', async (args, stdout, stderr) => {
    expect(await (await project()).run(...args)).toEqual({ code: 0, stdout, stderr })
  })

  it.each<[readonly string[], number, RegExp]>([
    [['greet', '--laud'], 2, /unknown option '--laud'\n\(Did you mean --loud\?\)/],
    [['greet', '--in-words'], 2, /option '--in-words <n>' argument missing/],
    [['status'], 2, /missing required argument 'host'/],
    [['status', 'a', 'b'], 2, /too many arguments/],
    [['good', '--loud'], 2, /unknown option '--loud'/],
    [['good', '--froce'], 2, /unknown option '--froce'\n\(Did you mean --force\?\)/],
    [['gret'], 2, /E_UNKNOWN_TASK: There is no task "gret"\nNext: Did you mean greet\?/],
    [['greet', 'nobody'], 4, /^E_NOBODY: Nobody is there/],
    [['greet', 'seven'], 7, /on the way/],
  ])('%j ends with %i', async (args, code, stderr) => {
    const ended = await (await project()).run(...args)
    expect(ended.stderr).toMatch(stderr)
    expect(ended.code).toBe(code)
  })

  it.each([[['stay']], [['stay', '--long']]])('%j ends by a signal with its code and no error', async (args) => {
    const p = await project()
    const running = p.start(args)
    await until('it to wait', () => running.stderr().includes('waiting'))
    running.kill('SIGINT')
    expect(await running.ended).toEqual({ code: 130, stdout: '', stderr: 'waiting\n' })
  })

  it('waits with what it does alone for another lakitu in this folder, and says so', async () => {
    const p = await project()
    const slow = p.start(['slow'])
    await until('the task to begin', () => p.has('begun'))
    expect(await p.run('look', '--no-wait')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^E_LOCKED/),
    })
    const look = p.start(['look'])
    await until('it to wait', () => look.stderr().includes('waiting for lakitu slow (pid '))
    p.write('go', '')
    expect(await look.ended).toMatchObject({ code: 0, stdout: 'looked\n' })
    expect((await slow.ended).code).toBe(0)
    expect(p.read('order')).toBe('ended\nlooked\n')
    const again = await p.run('look')
    expect(again, 'and nobody is left waiting for it').toEqual({ code: 0, stdout: 'looked\n', stderr: '' })
  })

  it('does nothing alone inside a task of the same project, which would wait for it', async () => {
    const p = await project()
    const look = p.start(['look'], { LAKITU_INSIDE: JSON.stringify([p.root, 'outer']) })
    expect(await look.ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^E_NESTED.*inside task outer/) })
  })

  it('has its own help, and stands in that of lakitu', async () => {
    const p = await project()
    const { code, stdout } = await p.run('greet', '--help')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/greet \[options\] \[who\.\.\.\]\n\nsays hello[\s\S]*--in-words <n>/),
    ])
    expect((await p.run('--help')).stdout).toMatch(/plan \[options\]|plan \[tasks[\s\S]*greet [\s\S]*says hello/)
    expect((await p.run('good', '--help')).stdout).toMatch(/Usage: lakitu \[options\]/)
    p.write('lakitu.config.ts', 'throw new Error("broken")')
    expect(await p.run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: lakitu'),
      stderr: '',
    })
    expect((await p.run('greet', '--loud')).stderr).toMatch(/^E_CONFIG: .*broken/)
  })

  it.each<[string, RegExp]>([
    [
      `export const x = command('plan', { about: '', run: () => {} })`,
      /E_COMMAND_NAME: .*"plan" is the name of one of/,
    ],
    [`export const x = command('a b', { about: '', run: () => {} })`, /E_COMMAND_NAME: .*"a b" has characters/],
    [
      `export const x = command('fine', { about: '', run: () => {} })`,
      /E_DOUBLE_NAME[\s\S]*tasks\.ts:3[\s\S]*tasks\.ts:34/,
    ],
    [`export const x = command('greet', { about: '', run: () => {} })`, /E_DOUBLE_NAME/],
    [
      `export const x = command('x', { about: '', options: { json: { about: '' } }, run: () => {} })`,
      /E_COMMAND_OPTION: .*"json"/,
    ],
    [`export const x = task('lock', { command: ['true'] })`, /E_TASK_NAME/],
  ])('is refused at load: %s', async (more, error) => {
    const { code, stderr } = await (await project(more)).run('list')
    expect(stderr).toMatch(error)
    expect(code).toBe(2)
  })
})
