import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type CliProject, cliProject } from '../support/cli.ts'

const text = 'correct-horse-battery'
const tasks = `
import { effect, secret, task, undo } from 'lakitu'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
const token = secret({ env: 'TOKEN' })
export const up = effect('up', {
  inputs: { token, key: secret({ file: '.lakitu/login' }) },
  converges: true,
  probe: ({ root, secret, inputs }) => existsSync(root + '/up') && secret(inputs.token).length > 0 ? { up: true } : null,
  run: async ({ exec, root, inputs, secret, note }) => {
    await note('up', { made: true })
    await exec('sh', ['-c', 'echo "$T in the environment"; echo "and on stdin: $(cat)" >&2; printf "%s" "$T" | cut -c 1-9'],
      { env: { T: secret(inputs.token) }, input: secret(inputs.key) })
    writeFileSync(root + '/up', '')
  },
  undo: async ({ exec, root, recorded, secret }) => {
    await exec('sh', ['-c', 'echo "down with $T"'], { env: { T: secret(recorded.inputs.token) } })
    rmSync(root + '/up')
  },
})
export const down = undo('down', [up])
export const fails = task('fails', { inputs: { token }, run: ({ exec, inputs, secret }) => exec('sh', ['-c', 'echo "bad: $T" >&2; exit 3'], { env: { T: secret(inputs.token) } }) })
export const stray = task('stray', { inputs: { token }, run: async ({ exec, inputs, secret }) => { void Promise.reject(new Error('bad ' + secret(inputs.token))); await exec('sleep', ['60']) } })
export const argv = task('argv', { inputs: { token }, run: ({ exec, inputs, secret }) => exec('echo', [secret(inputs.token)]) })
`

/** Everything in the project but what says where the secrets are. */
function allFiles({ root }: CliProject): string {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'login')
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n')
}

it('a secret reaches programs by environment and input, and is in nothing that lakitu says or keeps', async () => {
  const project = await cliProject(tasks, { '.lakitu/login': 'open-sesame\n' })
  const run = async (...args: string[]) => {
    const ended = await project.start(args, { TOKEN: text }).ended
    for (const secret of [text, 'open-sesame']) {
      expect(ended.stdout + ended.stderr, args.join(' ')).not.toContain(secret)
      expect(allFiles(project), args.join(' ')).not.toContain(secret)
    }
    return ended
  }
  expect((await run('up')).code).toBe(0)
  const log = (await run('log', 'up')).stdout
  expect(log).toContain('*** in the environment')
  expect(log).toContain('and on stdin: ***')
  expect((await run('plan', 'up')).stdout).toContain('fresh')
  const failed = await run('fails')
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('bad: ***')])
  expect((await run('fails', '--output', 'ndjson')).stdout).toContain('bad: ***')
  expect(await run('stray')).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_NOT_AWAITED.*bad \*\*\*/) })
  expect(await run('argv')).toMatchObject({ code: 2, stdout: expect.stringContaining('E_SECRET_IN_ARGV') })
  expect((await run('down', '--verbose')).stdout).toContain('down with ***')
  expect(project.has('up')).toBe(false)
  const missing = await project.run('up')
  expect([missing.code, missing.stdout]).toEqual([3, expect.stringContaining('E_SECRET_MISSING')])
})
