import { describe, expect, expectTypeOf, it } from 'vitest'
import { each } from '../../../src/define/each.ts'
import { value } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Task } from '../../../src/model/task.ts'
import { treePath } from '../../../src/util/paths.ts'

const ping = (name: string) =>
  task(`ping-${name}`, { inputs: { name: value(name) }, run: ({ inputs }) => inputs.name.length })
const hosts = [{ name: 'lakitu' }, { name: 'spiney1' }] as const

describe('each', () => {
  it('is a record of tasks by key, each of its type', () => {
    const pings = each(
      hosts,
      (host) => host.name,
      (host) => ping(host.name),
    )
    expect(Object.entries(pings).map(([key, { name }]) => [key, name])).toEqual([
      ['lakitu', 'ping-lakitu'],
      ['spiney1', 'ping-spiney1'],
    ])
    expectTypeOf(pings).toEqualTypeOf<Readonly<Record<'lakitu' | 'spiney1', Task<number>>>>()
    // @ts-expect-error: there is no such host
    expect(pings.spiney3).toBeUndefined()
  })

  it('takes the type of its keys from the list, and any string where that is all that is known', () => {
    const names: readonly string[] = ['a', '__proto__']
    const any = each(names, (name) => name, ping)
    expectTypeOf(any).toEqualTypeOf<Readonly<Record<string, Task<number>>>>()
    expect(Object.keys(any)).toEqual(names)
    expectTypeOf(each(['x', 'y'], (name) => name, ping)).toEqualTypeOf<Readonly<Record<'x' | 'y', Task<number>>>>()
  })

  it('is a source of tasks, and its tasks are needs by their keys, with their values', () => {
    const pings = each(
      hosts,
      (host) => host.name,
      ({ name }) => ping(name),
    )
    const all = task('all', {
      needs: { ...pings },
      run: ({ needs }) => {
        expectTypeOf(needs).toEqualTypeOf<{ readonly lakitu: number; readonly spiney1: number }>()
      },
    })
    const graph = buildGraph({ tasks: [pings, { all }] }, '/p', { configPath: treePath('/p', 'lakitu.config.ts') })
    expect(graph.nodes.map(({ name }) => name)).toEqual(['ping-lakitu', 'ping-spiney1', 'all'])
    expect(graph.nodes.at(-1)?.needs.map(({ key, nodes }) => [key, nodes.map(({ name }) => name)])).toEqual([
      ['lakitu', ['ping-lakitu']],
      ['spiney1', ['ping-spiney1']],
    ])
  })

  it('refuses a key that comes twice, before the second task is made', () => {
    const made: string[] = []
    const twice = () =>
      each(
        ['a', 'b', 'a'],
        (name) => name,
        (name) => {
          made.push(name)
          return ping(name)
        },
      )
    expect(twice).toThrow(
      expect.objectContaining({
        code: 'E_DOUBLE_KEY',
        message: 'each() was given two items with the key "a"',
        facts: { called: expect.stringMatching(/each\.test\.ts:\d+$/) },
        family: 'usage',
      }),
    )
    expect(made).toEqual(['a', 'b'])
  })
})
