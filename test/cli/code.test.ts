import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { idle, stop, watching } from '../support/watching.ts'

const uses = `import { writeFileSync } from 'node:fs'
import { task, value } from 'lakitu'
import { word } from 'words'
export const made = task('made', { inputs: [value(1)], outputs: ['out'], run: async ({ root }) => writeFileSync(root + '/out', await word()) })
`

describe('a module of a package', () => {
  it('that is linked counts as the project’s own: an edit in it is a reason to run', async () => {
    const project = await cliProject(uses, {
      'packages/words/package.json':
        '{ "name": "words", "version": "1.0.0", "type": "module", "exports": "./index.ts" }',
      'packages/words/index.ts': `export const word = async () => (await import('./lazy.ts')).text`,
      'packages/words/lazy.ts': `export { text } from './text.cjs'`,
      'packages/words/text.cjs': `exports.text = require('./deep.cjs')`,
      'packages/words/deep.cjs': `module.exports = 'one'`,
    })
    project.write('node_modules/.keep', '')
    symlinkSync('../packages/words', project.path('node_modules/words'))
    expect([await project.ran('made'), await project.ran('made')]).toEqual([['made'], []])
    project.write('packages/words/lazy.ts', `export { text } from './text.cjs' // edited`)
    expect(await project.ran('made')).toEqual(['made'])
    expect((await project.run('why', 'made')).stdout).toMatch('fresh')
    project.write(
      'packages/words/index.ts',
      `export { text as default } from './text.cjs'\nexport const word = () => 'two'`,
    )
    expect(await project.ran('made')).toEqual(['made'])
    project.write('packages/words/deep.cjs', `module.exports = 'two'`)
    expect(await project.ran('made')).toEqual(['made'])
  })

  it('that is installed counts by its version', async () => {
    const manifest = (version: string) =>
      `{ "name": "words", "version": "${version}", "type": "module", "exports": "./index.js" }`
    const project = await cliProject(uses, {
      'node_modules/words/package.json': manifest('1.0.0'),
      'node_modules/words/index.js': `export const word = () => 'one'`,
    })
    expect([await project.ran('made'), await project.ran('made')]).toEqual([['made'], []])
    project.write('node_modules/words/package.json', manifest('1.0.1'))
    expect(await project.ran('made')).toEqual(['made'])
  })
})

describe('code that is edited while lakitu runs', () => {
  it('counts as it was when it was loaded: what ran is what is recorded', async () => {
    const project = await cliProject(
      `import { task } from 'lakitu'
export const first = task('first', { outputs: ['first'], command: ['sh', '-c', 'touch begun; until [ -e go ]; do sleep 0.02; done; touch first'] })
export { second } from './second.ts'
`,
      {
        'second.ts': `import { writeFileSync } from 'node:fs'
import { task } from 'lakitu'
import { first } from './tasks.ts'
import { word } from './word.cts'
export const second = task('second', { needs: () => ({ first }), outputs: ['second'], run: ({ root }) => writeFileSync(root + '/second', word()) })
`,
        'word.cts': `const { word } = require('./deep.mts')\nexports.word = () => word`,
        'deep.mts': `export const word = 'old'`,
      },
    )
    const running = project.start(['second'])
    await until('the first to begin', () => project.has('begun'))
    project.write('deep.mts', `export const word = 'new'`)
    project.write('go', '')
    expect([(await running.ended).code, project.read('second')]).toEqual([0, 'old'])
    expect(await project.ran('second')).toEqual(['second'])
    expect(project.read('second')).toBe('new')
  })

  it('and that only a function imports, is watched, and loaded anew', async () => {
    const project = await cliProject(
      `import { writeFileSync } from 'node:fs'
import { task, value } from 'lakitu'
export const made = task('made', { inputs: [value(1)], outputs: ['out'], run: async ({ root }) => writeFileSync(root + '/out', (await import('./lazy.ts')).word) })
`,
      { 'lazy.ts': `export { word } from './word.ts'`, 'word.ts': `export const word = 'old'` },
    )
    const running = await watching(project, 'made')
    expect(project.read('out')).toBe('old')
    project.write('word.ts', `export const word = 'new'`)
    await idle(running, 2)
    expect(project.read('out')).toBe('new')
    await stop(running)
    expect(await project.ran('made')).toEqual([])
  })
})
