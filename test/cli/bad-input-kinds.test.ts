import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

/** A pipe with a name: whoever opens it waits until somebody else does. */
function makePipe(project: CliProject, path: string): void {
  execFileSync('mkfifo', [project.path(path)])
}

async function makeSocket(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
}

describe('what stands where a task is to write', () => {
  const below = `
import { input, output, task } from 'lakitu'
export const file = task('file', { command: ['cp', input('in'), output('build/deep/file')] })
export const folder = task('folder', { command: ['sh', '-c', 'mkdir -p "$1" && cp "$0" "$1/file"', input('in'), output('build')] })
`
  it.each(['build', 'build/deep'])(
    'a file where the folder of an output is to be (%s) is named, and left alone',
    async (path) => {
      const project = await cliProject(below.replace(/export const folder.*/, ''), { in: 'x', [path]: 'mine' })
      const { code, stdout, stderr } = await project.run('file')
      expect(`${stdout}${stderr}`).toMatch(
        new RegExp(`E_IN_THE_WAY: ${project.path(path)} is no folder[\\s\\S]*Next: `),
      )
      expect([code, project.read(path)]).toEqual([3, 'mine'])
      project.remove('build')
      expect(await project.run('file')).toMatchObject({ code: 0 })
    },
  )

  it('a file where an output folder is to be is left alone as long as the task did not make it', async () => {
    const project = await cliProject(below.replace(/export const file.*/, ''), { in: 'x', build: 'mine' })
    const { code, stdout } = await project.run('folder')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/E_COMMAND_FAILED[\s\S]*mkdir/)])
    expect(project.read('build')).toBe('mine')
    project.remove('build')
    expect(await project.run('folder')).toMatchObject({ code: 0 })
    expect(project.read('build/file')).toBe('x')
  })
})

const copyTask = `
import { input, output, task, effect } from 'lakitu'
export const copy = task('copy', { command: ['cp', input('in'), output('out')] })
export const up = effect('up', { probe: () => 1, run: () => {} })
`

describe('what stands where lakitu keeps its state', () => {
  const copy = copyTask
  it.each(['.lakitu', '.cache', '.cache/lakitu', '.cache/lakitu/logs'])(
    'a file in the place of %s is named, and left alone',
    async (path) => {
      const project = await cliProject(copy, { in: 'x', [path]: 'mine' })
      const { code, stdout, stderr } = await project.run('copy', 'up')
      expect(`${stdout}${stderr}`).toMatch(
        new RegExp(`E_IN_THE_WAY: ${project.path(path)} is no folder[\\s\\S]*Next: `),
      )
      expect(`${stdout}${stderr}`).not.toContain('E_UNEXPECTED')
      expect([code, project.read(path)]).toEqual([3, 'mine'])
      project.remove(path)
      expect(await project.run('copy', 'up')).toMatchObject({ code: 0 })
    },
  )

  it.each(['blobs', 'traces', 'stat', 'cached-size', 'restoring', 'tools'])(
    'a pipe in the place of .cache/lakitu/%s is not waited for, and costs no more than what is cached',
    async (name) => {
      const project = await cliProject(copy, { in: 'x', '.cache/lakitu/other': '' })
      makePipe(project, `.cache/lakitu/${name}`)
      expect(await project.run('copy', 'up')).toMatchObject({ code: 0, stderr: '' })
      expect(await project.ran('copy', 'up')).toEqual([])
      project.write('in', 'y')
      expect(await project.ran('copy', 'up')).toEqual(['copy'])
      expect(project.read('out')).toBe('y')
    },
  )

  it.each(['.lakitu/journal', '.cache/lakitu/journal'])(
    'a folder in the place of %s is set aside and named',
    async (path) => {
      const project = await cliProject(copy, { in: 'x', [`${path}/file`]: 'mine' })
      const { code, stdout } = await project.run('copy', 'up')
      expect([code, stdout]).toEqual([0, expect.stringContaining(`${project.path(path)} was damaged`)])
      expect(project.read(`${path}.damaged/file`)).toBe('mine')
      expect(await project.ran('copy', 'up')).toEqual([])
    },
  )
})

describe('a folder in the place of the lock', () => {
  it('is named, with what to do', async () => {
    const project = await cliProject(copyTask, { in: 'x', '.lakitu/lock/file': 'mine' })
    const { code, stderr } = await project.run('copy')
    expect([code, stderr]).toEqual([3, expect.stringMatching(/E_LOCK_DAMAGED: [\s\S]*Next: .*rm -r /)])
    expect(project.read('.lakitu/lock/file')).toBe('mine')
  })
})

describe('an input', () => {
  const copy = `
import { input, output, task } from 'lakitu'
export const copy = task('copy', { command: ['cp', input('in'), output('out')] })
export const eats = task('eats', { command: ['sh', '-c', 'cp "$0" "$1" && rm "$0"', input('food'), output('eaten')] })
`
  it('that disappears between the plan and the run is missed by the program, and comes back as what it is then', async () => {
    const project = await cliProject(copy, { in: 'one' })
    expect(await project.run('copy')).toMatchObject({ code: 0 })
    project.write('in', 'two')
    expect((await project.run('plan', 'copy')).stdout).toMatch(/will run {2,}copy/)
    project.remove('in')
    const { code, stdout } = await project.run('copy')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/E_COMMAND_FAILED[\s\S]*No such file/)])
    expect(project.has('out')).toBe(false)
    project.write('in', 'three')
    expect(await project.run('copy')).toMatchObject({ code: 0 })
    expect(project.read('out')).toBe('three')
  })

  it('that disappears during the run leaves no record', async () => {
    const project = await cliProject(copy, { food: 'x' })
    const { code, stdout } = await project.run('eats')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/E_COMMAND_FAILED/)])
    expect((await project.run('plan', 'eats')).stdout).toMatch(/will run {2,}eats/)
  })

  it('that is a pipe, a socket or a device is never waited for', { timeout: 30_000 }, async () => {
    const project = await cliProject(
      `
import { files, task } from 'lakitu'
export const found = task('found', { inputs: { all: files('src/**') }, outputs: ['out'], run: ({ inputs, exec }) => exec('touch', ['out']).then(() => inputs.all.length) })
`,
      { 'src/file': 'x' },
    )
    makePipe(project, 'src/pipe')
    await makeSocket(project.path('src/socket'))
    symlinkSync('/dev/zero', project.path('src/device'))
    symlinkSync('pipe', project.path('src/link'))
    expect(await project.run('found')).toMatchObject({ code: 0 })
    expect(await project.ran('found')).toEqual([])
    renameSync(project.path('src/file'), project.path('src/pipe'))
    expect((await project.run('why', 'found')).stdout).toContain('src/pipe changed')
  })

  it.each(['read', 'json', 'ctx.read', 'secret'])(
    'that is a pipe, a socket or a device is refused by %s',
    { timeout: 60_000 },
    async (how) => {
      for (const kind of ['pipe', 'socket', 'device']) {
        const call = how === 'read' || how === 'json' ? `${how}('at')` : "''"
        const inputs = how === 'secret' ? `{ at: secret({ file: 'at' }) }` : `{ text: value(${call}) }`
        const project = await cliProject(`
import { json, read, secret, task, value } from 'lakitu'
export const reads = task('reads', { inputs: ${inputs}, outputs: ['out'], run: (ctx) => void ctx.read(${how === 'ctx.read' ? "'at'" : "'none'"}) })
`)
        if (kind === 'pipe') makePipe(project, 'at')
        else if (kind === 'socket') await makeSocket(project.path('at'))
        else symlinkSync('/dev/zero', project.path('at'))
        const { code, stdout, stderr } = await project.run('reads')
        expect(`${stdout}${stderr}`).toMatch(/E_NOT_A_FILE: .*at is no file but a (pipe|socket|device)[\s\S]*Next: /)
        expect(code).toBe(3)
      }
    },
  )
})

describe('an output', () => {
  it.for([
    ['pipe', 'mkfifo made'],
    [
      'socket',
      `exec node -e 'require("net").createServer().listen("made", () => process.kill(process.pid, "SIGKILL"))' || :`,
    ],
    ['device', 'mknod made c 1 3'],
  ])('that is a %s is made, is fresh, is made anew and is not cached', async ([kind, script], { skip }) => {
    if (kind === 'device' && process.getuid?.() !== 0) return skip('only root can make a device')
    const project = await cliProject(
      `
import { files, output, task } from 'lakitu'
export const odd = task('odd', { inputs: { in: files('in') }, outputs: ['made'], run: async ({ exec }) => void (await exec('sh', ['-c', ${JSON.stringify(script)}], { okCodes: [0, 137] }).catch((error) => { if (!/SIGKILL/.test(error.message)) throw error })) })
`,
      { in: '1' },
    )
    expect(await project.run('odd')).toMatchObject({ code: 0 })
    expect(lstatSync(project.path('made')).isFile()).toBe(false)
    expect(await project.ran('odd')).toEqual([])
    project.write('in', '2')
    expect(await project.ran('odd')).toEqual(['odd'])
    project.remove('made')
    expect(await project.events('odd')).toMatchObject({ code: 0, ran: ['odd'], restored: [] })
    project.remove('made')
    mkdirSync(project.path('made'))
    expect(await project.ran('odd')).toEqual(['odd'])
    expect(lstatSync(project.path('made')).isDirectory()).toBe(false)
  })
})
