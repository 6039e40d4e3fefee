import { expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { effect, task } from '../../../src/define/task.ts'
import { testProject } from '../../support/project.ts'

const names = ['blobs', 'traces', 'stat', 'cached-size', 'restoring', 'tools']
const kinds = ['file', 'folder'] as const

// Pipes, which must not be waited for, are tried with real processes: test/cli/bad-input-kinds.test.ts.
it.each(names.flatMap((name) => kinds.map((kind) => [kind, name] as const)))(
  'a %s in the place of .cache/lakitu/%s costs no more than what is cached',
  async (kind, name) => {
    const project = await testProject(() => [
      task('copy', {
        inputs: { in: files('in') },
        outputs: ['out'],
        run: () => project.write('out', project.read('in')),
      }),
      effect('up', { probe: () => 1, run: () => {} }),
    ])
    project.write('in', 'x')
    project.write(`.cache/lakitu/${name}${kind === 'folder' ? '/file' : ''}`, 'mine')
    expect((await project.run(['copy', 'up'])).states).toEqual({ copy: 'done', up: 'done' })
    expect((await project.run(['copy', 'up'])).ran).toEqual([])
    project.write('in', 'y')
    expect((await project.run(['copy', 'up'])).ran).toEqual(['copy'])
    expect(project.read('out')).toBe('y')
  },
)
