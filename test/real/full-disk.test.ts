import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliProject } from '../support/cli.ts'

const config = `import { defineConfig, files, task, value } from 'lakitu'
export default defineConfig({ tasks: ['a', 'b'].map((name) =>
  task(name, { inputs: { from: files('from'), name: value(name) }, outputs: [name + '.out'], run: ({ exec, inputs: { name } }) => exec('cp', ['from', name + '.out']).then(() => {}) })) })
`

/** A disk of 400 kB that is full: root can make one. */
describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('a full disk', () => {
  let root: string
  let project: CliProject

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lakitu-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'lakitu-test', root])
    writeFileSync(join(root, 'lakitu.config.ts'), config)
    writeFileSync(join(root, 'from'), 'x'.repeat(5000))
    project = new CliProject(root)
  })

  afterEach(() => {
    execFileSync('umount', [root])
    rmdirSync(root)
  })

  test.each(['before the first run', 'after a run'])(
    '%s is said in words, and afterwards all is as it should be',
    async (when) => {
      if (when === 'after a run') expect((await project.run('a', 'b')).code).toBe(0)
      fill(join(root, 'fill'))
      const full = await project.run('--force', 'a', 'b')
      expect(full.code).toBeGreaterThan(0)
      const said = `${full.stdout}${full.stderr}`
      expect(said).toMatch(/No space left on device|E_NOSPC: The disk is full/)
      expect(said).not.toMatch(/E_UNEXPECTED|\n\s+at /)
      rmSync(join(root, 'fill'))
      expect(await project.run('a', 'b')).toMatchObject({ code: 0 })
      expect((await project.run('a', 'b')).stdout).toMatch('2 tasks fresh, nothing to do')
    },
  )
})

/** Takes all the room there is. */
function fill(path: string): void {
  expect(() => writeFileSync(path, Buffer.alloc(1 << 20))).toThrow(/ENOSPC/)
}
