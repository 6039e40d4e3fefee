import { describe, expect, it } from 'vitest'
import { env, files, tool, value } from '../../../src/define/inputs.ts'
import { effect, type TaskOptions, task } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Inputs, ValueInput } from '../../../src/model/input.ts'
import type { AnyTask, Needs } from '../../../src/model/task.ts'
import { treePath } from '../../../src/util/paths.ts'

/** The task as if a module had declared it there; under the test runner no module is one of a project. */
function at(stack: string, { name, definition }: AnyTask): AnyTask {
  return { name, definition: { ...definition, stack } }
}

function load(...tasks: readonly AnyTask[]): void {
  buildGraph({ tasks }, '/project', { configPath: treePath('/project', 'lakitu.config.ts') })
}

type Options = TaskOptions<undefined, Needs, Inputs>
const run = () => undefined
const loop = (options: (name: string) => Options) =>
  ['a', 'b'].map((name) => at('file:///p/tasks.ts:1:1', task(name, { outputs: [name], run, ...options(name) })))
const shared = value({ a: 1, b: 1 })
let asked = 0
const counted: ValueInput = value(() => {
  asked += 1
  return 1
})

describe('tasks with functions from one place', () => {
  const refused = expect.objectContaining({
    code: 'E_CLOSES_OVER',
    message: 'Tasks a and b are declared in one place and differ only in name and outputs',
    next: expect.stringContaining('value('),
    family: 'usage',
  })

  it.each<[string, (name: string) => Options]>([
    ['nothing', () => ({})],
    ['what they are for', (name) => ({ about: name, alias: `${name}-alias`, retries: name === 'a' ? 1 : 2 })],
    ['values of the same content', () => ({ inputs: { v: value({ x: [1] }) } })],
    [
      'picks of the same content',
      (name) => ({ inputs: { v: shared.pick((whole) => whole[name === 'a' ? 'a' : 'b']) } }),
    ],
    ['copies of an input', () => ({ inputs: { f: files('in'), e: env('X'), t: tool('cc', '-v') } })],
  ])('that differ by %s, name and outputs are refused', (_what, options) => {
    expect(() => load(...loop(options))).toThrow(refused)
  })

  it.each<[string, (name: string) => Options]>([
    ['a value', (name) => ({ inputs: { v: value(name) } })],
    ['a pick', (name) => ({ inputs: { v: value({ a: 1, b: 2 }).pick((whole) => whole[name === 'a' ? 'a' : 'b']) } })],
    ['the name of an input', (name) => ({ inputs: { [name]: value(1) } })],
    ['files', (name) => ({ inputs: { f: files(`in/${name}`) } })],
    ['a variable', (name) => ({ inputs: { f: env(name) } })],
    ['a tool', (name) => ({ inputs: { t: tool('cc', name) } })],
    ['a need', (name) => ({ needs: { before: task(`before-${name}`, { command: ['true'] }) } })],
    ['the key of a need', (name) => ({ needs: { [name]: task(`before-${name}`, { command: ['true'] }) } })],
    ['a value that cannot be had yet', () => ({ inputs: { v: value(() => JSON.parse('{')) } })],
  ])('that differ by %s are none', (_what, options) => {
    expect(() => load(...loop(options))).not.toThrow()
  })

  it('are refused as effects too, and are none from two places or as commands', () => {
    const up = (name: string) => effect(name, { probe: () => 1, run: () => {} })
    expect(() => load(at('x:1', up('a')), at('x:1', up('b')))).toThrow(refused)
    expect(() => load(at('x:1', up('a')), at('x:2', up('b')))).not.toThrow()
    const words = (name: string) => at('x:1', task(name, { command: ['touch', name] }))
    expect(() => load(words('a'), words('b'))).not.toThrow()
  })

  it('ask a value once, and not at all where there is but one task', () => {
    load(...loop((name) => ({ inputs: { counted, own: value(name) } })))
    expect(asked).toBe(1)
    load(at('x:1', task('a', { inputs: { counted }, run })), at('x:2', task('b', { inputs: { counted }, run })))
    expect(asked).toBe(1)
  })
})
