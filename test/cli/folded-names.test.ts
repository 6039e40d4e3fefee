import { describe, expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const tasks = `import { files, input, output, task } from 'lakitu'
const copy = (name: string, from: string, to: string) => task(name, { command: ['cp', input(from), output(to)] })
export const low = copy('low', 'src.txt', 'docs/readme.md')
export const folder = copy('folder', 'src.txt', 'docs/guide/x')
export const own = copy('own', 'Makefile', 'makefile')
export const all = task('all', { inputs: [files('docs/**')], command: ['sh', '-c', 'cat docs/README.md docs/GUIDE/y > $1', 'sh', output('all.txt')] })
`

describe.skipIf(process.platform !== 'linux')('a file whose name differs from that of an output in case only', () => {
  it('is an input as any other, also where that output is there', async () => {
    const project = await cliProject(tasks, {
      'docs/README.md': 'one',
      'docs/GUIDE/y': ' two',
      'src.txt': '',
      Makefile: 'own',
    })
    expect(await project.ran('all')).toEqual(['all'])
    project.write('docs/README.md', 'edited')
    expect(await project.ran('all')).toEqual(['all'])
    await project.run('low', 'folder', 'own')
    expect([project.read('makefile'), project.read('docs/README.md')]).toEqual(['own', 'edited'])
    expect(await project.ran('all')).toEqual([])
    project.write('docs/GUIDE/y', ' edited')
    expect(await project.ran('all')).toEqual(['all'])
    expect(project.read('all.txt')).toBe('edited edited')
  })
})
