import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** Copies from `in` to `out` what changed since the last success, or all where it is not told; then fails where there is `fail`. */
async function copying(): Promise<TestProject> {
  const project = await testProject(() =>
    task('copy', {
      incremental: true,
      inputs: { in: files('in/*') },
      outputs: ['out'],
      run: ({ inputs, previous }) => {
        const changed = previous?.changes?.flatMap(({ path }) => path.slice(2)) ?? inputs.in
        for (const path of changed) project.write(path.replace('in', 'out'), project.read(path))
        if (project.has('fail')) throw new Error('no')
      },
    }),
  )
  for (const name of ['a', 'b', 'c']) project.write(`in/${name}`, '1')
  await project.run('copy')
  return project
}

function made(project: TestProject): readonly string[] {
  return ['a', 'b', 'c'].map((name) => (project.has(`out/${name}`) ? project.read(`out/${name}`) : 'missing'))
}

describe('a task that keeps its outputs is told what changed', () => {
  it('since its last success', async () => {
    const project = await copying()
    project.write('in/a', '2')
    await project.run('copy')
    expect(made(project)).toEqual(['2', '1', '1'])
  })

  it('but not after an attempt that failed: what that left may be from an edit that was taken back', async () => {
    const project = await copying()
    project.write('in/a', '2')
    project.write('fail', '')
    expect((await project.run('copy')).outcome).toBe('failed')
    project.remove('fail')
    project.write('in/a', '1')
    project.write('in/b', '2')
    expect((await project.run('copy')).outcome).toBe('done')
    expect(made(project)).toEqual(['1', '2', '1'])
  })

  it('but not where somebody else changed its outputs', async () => {
    const project = await copying()
    project.write('out/a', 'by hand')
    project.remove('out/b')
    project.write('in/c', '2')
    expect((await project.run('copy')).outcome).toBe('done')
    expect(made(project)).toEqual(['1', '1', '2'])
  })
})
