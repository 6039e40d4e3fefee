import { unlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { value } from '../../../src/define/inputs.ts'
import { witness } from '../../../src/define/outputs.ts'
import { task } from '../../../src/define/task.ts'
import type { AnyTask } from '../../../src/model/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'

describe('the config', () => {
  it("may move an output from one task to another: none takes the other one's away", async () => {
    const make = (name: string, path: string) =>
      task(name, { inputs: { v: value(path) }, outputs: [path], run: () => project.write(path, name) })
    let tasks: () => AnyTask[] = () => [make('a', 'x.txt'), make('b', 'y.txt')]
    const project: TestProject = await testProject(() => tasks())
    await project.run(['a', 'b'])
    tasks = () => {
      const b = make('b', 'x.txt')
      return [b, task('a', { needs: { b }, outputs: ['z.txt'], run: () => project.write('z.txt', 'a') })]
    }
    expect((await project.run(['a', 'b'])).outcome).toBe('done')
    expect([project.read('x.txt'), project.read('z.txt'), project.has('y.txt')]).toEqual(['b', 'a', false])
    expect((await project.run(['a', 'b'])).ran).toEqual([])
  })

  it('may drop an output: what a person made of it since stays', async () => {
    let path = 'generated.txt'
    const project = await testProject(() => {
      const at = path
      return [task('a', { inputs: { v: value(at) }, outputs: [at], run: () => project.write(at, 'made') })]
    })
    await project.run('a')
    project.write('generated.txt', 'now written by hand')
    path = 'other.txt'
    await project.run('a')
    expect(project.read('generated.txt')).toBe('now written by hand')
    path = 'third.txt'
    await project.run('a')
    expect(project.has('other.txt')).toBe(false)
  })
})

describe('a witness folder', () => {
  it('is emptied before a run, and only the named files are checked', async () => {
    let version = 1
    const project = await testProject(() => [
      task('venv', {
        inputs: { v: value(() => version) },
        outputs: [witness('.cache/venv', 'bin/python')],
        run: () => {
          expect(project.has('.cache/venv')).toBe(false)
          project.write('.cache/venv/bin/python', 'py')
          project.write('.cache/venv/lib/x', 'x')
        },
      }),
    ])
    expect((await project.run('venv')).outcome).toBe('done')
    project.write('.cache/venv/lib/x', 'edited')
    expect((await project.run('venv')).ran).toEqual([])
    unlinkSync(project.path('.cache/venv/bin/python'))
    expect((await project.run('venv')).why).toEqual({ venv: ['output .cache/venv/bin/python is missing'] })
    version = 2
    expect((await project.run('venv')).outcome).toBe('done')
  })
})

it('what runs every time has to make its files each time: those of before are taken away', async () => {
  let makes = true
  const project: TestProject = await testProject(() => [
    task('ping', { always: true, outputs: ['out'], run: () => void (makes && project.write('out', 'made')) }),
  ])
  expect((await project.run('ping')).states).toEqual({ ping: 'done' })
  makes = false
  expect((await project.run('ping')).endings['ping']).toMatchObject({ error: { code: 'E_OUTPUT_MISSING' } })
})
