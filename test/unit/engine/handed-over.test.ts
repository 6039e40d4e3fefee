import { expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { testProject } from '../../support/project.ts'

it('the value of a need cannot be changed, whether that ran or is fresh: others get the same', async () => {
  const seen: unknown[] = []
  const project = await testProject(() => {
    const list = task('hosts', { inputs: [files('always')], run: () => ({ hosts: ['a'] }) })
    const spoils = task('spoils', {
      needs: { list },
      inputs: [files('in')],
      run: ({ needs }) => {
        expect(() => (needs.list.hosts as string[]).push('b')).toThrow(TypeError)
      },
    })
    const uses = task('uses', {
      needs: { list },
      after: [spoils],
      inputs: [files('in')],
      run: ({ needs }) => void seen.push(needs.list),
    })
    return [uses]
  })
  expect((await project.run('uses')).ran).toEqual(['hosts', 'spoils', 'uses'])
  project.write('in', 'edited')
  expect((await project.run('uses')).ran).toEqual(['spoils', 'uses'])
  expect(seen).toEqual([{ hosts: ['a'] }, { hosts: ['a'] }])
})
