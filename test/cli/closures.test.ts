import { expect, it } from 'vitest'
import { cliProject } from '../support/cli.ts'

const loop = (inputs: string) => `
import { value } from 'lakitu'
import { make } from './make.ts'
export const all = ['a', 'b'].map((name) => make(name, ${inputs}))
export const a2 = make('c', {})
export const b2 = make('d', {})
`
const files = {
  'make.ts': `import { type Inputs, task } from 'lakitu'
export const make = (name: string, inputs: Inputs) =>
  task(name, { inputs, outputs: [name], run: ({ exec }) => exec('touch', [name]).then(() => {}) })
`,
}

it('functions from one place that can differ only by what they close over are an error that names the place', async () => {
  const project = await cliProject(loop('{}'), files)
  const { code, stderr } = await project.run('list')
  expect(code).toBe(2)
  expect(stderr).toContain('E_CLOSES_OVER')
  expect(stderr).toMatch(/Tasks (a and b|b and a) are declared in one place and differ only in name and outputs/)
  expect(stderr).toMatch(/declared +.*make\.ts:3\b/)
  expect(stderr).toContain('value(')
})

it('are none when an input says by what they differ, nor when one helper is called in two places', async () => {
  const project = await cliProject(loop('{ name: value(name) }'), files)
  expect((await project.ran('a', 'b', 'c', 'd')).toSorted()).toEqual(['a', 'b', 'c', 'd'])
  expect(await project.ran('a', 'b', 'c', 'd')).toEqual([])
})
