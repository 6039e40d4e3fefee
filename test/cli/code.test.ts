import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

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
