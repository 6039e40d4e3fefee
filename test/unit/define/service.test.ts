import { describe, expect, it } from 'vitest'
import { depfile, input, output } from '../../../src/define/outputs.ts'
import { service } from '../../../src/define/service.ts'
import { task, undo } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import { treePath } from '../../../src/util/paths.ts'

const mirror = service('mirror', { command: ['serve'], ready: () => 1 })
const build = (...tasks: Parameters<typeof buildGraph>[0]['tasks'][]) =>
  buildGraph({ tasks }, '/p', { configPath: treePath('/p', 'lakitu.config.ts') })

describe('a service is refused', () => {
  it.each([
    ['without anything that stays running', () => service('s', { ready: () => 1 }), 'E_NO_ACTION'],
    ['with both', () => service('s', { command: ['x'], run: () => {}, ready: () => 1 }), 'E_TWO_ACTIONS'],
    [
      'with an output',
      () => service('s', { command: ['x', output('y') as never], ready: () => 1 }),
      'E_SERVICE_OUTPUT',
    ],
    ['with a depfile', () => service('s', { command: ['x', depfile() as never], ready: () => 1 }), 'E_SERVICE_OUTPUT'],
    ['without a program', () => build(service('s', { command: [], ready: () => 1 })), 'E_NO_ACTION'],
    ['as what is undone', () => build(undo('destroy', [mirror])), 'E_UNDO_SERVICE'],
    ['as files among inputs', () => build(task('t', { inputs: [input(mirror)], command: ['x'] })), 'E_NO_OUTPUTS'],
    ['as files in a command', () => build(task('t', { command: ['x', input(mirror)] })), 'E_NO_OUTPUTS'],
    [
      'when a loop declares several that differ by what they close over',
      () => build(...[1, 2].map((n) => service(`s${n}`, { command: ['x'], ready: () => n }))),
      'E_CLOSES_OVER',
    ],
  ])('%s', (_, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }))
  })

  it('not when their programs differ', () => {
    const names = ['a', 'b']
    expect(build(...names.map((name) => service(name, { command: ['x', name], ready: () => 1 }))).nodes).toHaveLength(2)
  })
})
