import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../src/define/config.ts'
import { files } from '../../../src/define/inputs.ts'
import { input, output, updates, witness } from '../../../src/define/outputs.ts'
import { effect, task, undo } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import { closure, select } from '../../../src/graph/select.ts'
import type { TaskSource } from '../../../src/model/config.ts'
import type { AnyTask } from '../../../src/model/task.ts'
import { treePath } from '../../../src/util/paths.ts'
import { forSeeds } from '../../support/random.ts'

const command = ['true']

function graphOf(tasks: TaskSource): Graph {
  return buildGraph(defineConfig({ tasks }), '/project', { configPath: treePath('/project', 'lakitu.config.ts') })
}

function node(graph: Graph, name: string) {
  const [found] = select(graph, [name])
  if (!found) throw new Error(name)
  return found
}

function requires(graph: Graph, name: string): readonly string[] {
  return node(graph, name).requires.map((need) => need.name)
}

describe('tasks are found', () => {
  const a = task('a', { command })
  const b = task('b', { needs: { a }, command })

  it('in lists, in modules that export them beside other things, and by being named', () => {
    const module = Object.assign(Object.create(null), { b, number: 1, text: 'x', nothing: null, helper: () => a })
    expect(graphOf([[module], { more: [b] }]).nodes.map((n) => n.name)).toEqual(['a', 'b'])
  })

  it('once, where several names lead to one', () => {
    expect(graphOf([a, { a, again: a }]).nodes).toHaveLength(1)
  })

  it('in an object that holds itself', () => {
    const circle: Record<string, unknown> = { a }
    circle['self'] = circle
    expect(graphOf(circle).nodes.map((n) => n.name)).toEqual(['a'])
  })

  it('by all ways of naming one: after, updates, undo, a word of the command', () => {
    const venv = task('venv', { outputs: [witness('v', 'x')], command })
    const up = effect('up', { probe: () => 1, run: () => {} })
    const gen = task('gen', { command: ['sh', output('g')] })
    const late = task('late', { command })
    const user = task('user', { after: [late], outputs: [updates(venv, 'y')], command: ['cat', input([gen])] })
    expect(
      graphOf([user, undo('destroy', [up])])
        .nodes.map((n) => n.name)
        .sort(),
    ).toEqual(['destroy', 'gen', 'late', 'up', 'user', 'venv'])
  })
})

describe('what a task reads leads to what makes it', () => {
  it('by a literal path among the inputs, also by a part of a folder that is made', () => {
    const gen = task('gen', { outputs: ['gen.h', 'gen'], command })
    const user = task('user', { inputs: [files('./gen.h')], command })
    const other = task('other', { inputs: [files('gen/sub/x.c')], command })
    const graph = graphOf([gen, user, other])
    expect([requires(graph, 'user'), requires(graph, 'other')]).toEqual([['gen'], ['gen']])
  })

  it('by input(path) and input(task), whose outputs become words of the argv', () => {
    const gen = task('gen', { command: ['gen', output('a.c'), output('b.c')] })
    const user = task('user', { command: ['cc', '-o', output('app'), input(gen), input('a.c'), input(['x.c', gen])] })
    const graph = graphOf([user])
    expect(requires(graph, 'user')).toEqual(['gen'])
    expect(node(graph, 'user').argv).toEqual(['cc', '-o', 'app', 'a.c', 'b.c', 'a.c', 'x.c', 'a.c', 'b.c'])
  })

  it('by a file that a task adds to the folder of another one', () => {
    const venv = task('venv', { outputs: [witness('.cache/venv', 'bin/python')], command })
    const pip = task('pip', { outputs: [updates(venv, 'bin/ansible')], command })
    const user = task('user', { inputs: [files('.cache/venv/bin/ansible')], command })
    expect(requires(graphOf([pip, user]), 'user')).toEqual(['pip'])
    expect(requires(graphOf([pip, user]), 'pip')).toEqual(['venv'])
  })

  it('by a glob whose folder is made', () => {
    const gen = task('gen', { outputs: ['gen'], command })
    const user = task('user', { inputs: [files('gen/**/*.c')], command })
    expect(requires(graphOf([gen, user]), 'user')).toEqual(['gen'])
  })

  it('but not by a glob above it, nor by a pattern that takes away', () => {
    const gen = task('gen', { outputs: ['src/gen.c'], command })
    const user = task('user', { inputs: [files('src/*.c', '!src/gen.c')], command })
    expect(requires(graphOf([gen, user]), 'user')).toEqual([])
  })

  it('whatever characters are in its name', () => {
    const gen = task('gen', { command: ['touch', output('src/[id].ts')] })
    const user = task('user', { command: ['cat', input('src/[id].ts')] })
    expect(requires(graphOf([gen, user]), 'user')).toEqual(['gen'])
  })
})

describe('order', () => {
  it('is needs and after first, else as declared', () => {
    const c = task('c', { command })
    const b = task('b', { after: [c], command })
    const a = task('a', { needs: { b }, command })
    const d = task('d', { command })
    expect(graphOf([d, a]).nodes.map((n) => n.name)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('holds for any graph', async () => {
    await forSeeds(200, (random) => {
      const tasks: AnyTask[] = []
      for (let i = 0; i < 12; i += 1) {
        const needs = tasks.filter(() => random.chance(0.2))
        const after = tasks.filter(() => random.chance(0.1))
        tasks.push(task(`t${i}`, { needs, after, command }))
      }
      const mixed = tasks.map((t) => ({ t, rank: random.int(100) })).sort((a, b) => a.rank - b.rank)
      const { nodes } = graphOf(mixed.map(({ t }) => t))
      for (const n of nodes) {
        for (const before of [...n.requires, ...n.after]) expect(nodes.indexOf(before)).toBeLessThan(nodes.indexOf(n))
      }
    })
  })

  it('takes a chain of 20,000 tasks', () => {
    let last = task('t0', { command })
    for (let i = 1; i < 20_000; i += 1) last = task(`t${i}`, { needs: [last], command })
    expect(graphOf([last]).nodes).toHaveLength(20_000)
  })

  it('of an undo is dependents first, and only effects', () => {
    const up = effect('up', { probe: () => 1, run: () => {} })
    const file = task('file', { needs: { up }, command: ['sh', output('x')] })
    const apply = effect('apply', { needs: { file }, probe: () => 1, run: () => {} })
    const other = effect('other', { probe: () => 1, run: () => {} })
    const graph = graphOf([apply, other, undo('destroy', [up])])
    expect(node(graph, 'destroy').undoes.map((n) => n.name)).toEqual(['apply', 'up'])
  })
})

describe('choosing', () => {
  const a = task('apply', { alias: ['up', 'converge'], command })
  const b = task('smoke', { needs: { a }, after: [task('warm', { command })], command })
  const graph = graphOf([a, b])

  it('goes by name and by alias, each once', () => {
    expect(select(graph, ['up', 'apply', 'smoke']).map((n) => n.name)).toEqual(['apply', 'smoke'])
  })

  it('names the nearest for one that is not there', () => {
    expect(() => select(graph, ['aply'])).toThrow('There is no task "aply"')
    expect(() => select(graph, ['aply'])).toThrow(expect.objectContaining({ next: 'Did you mean apply?' }))
    expect(() => select(graph, ['zzzzzz'])).toThrow(
      expect.objectContaining({ code: 'E_UNKNOWN_TASK', next: 'lakitu list shows the tasks there are.' }),
    )
  })

  it('takes all that is needed, and what has to come before only when asked', () => {
    const smoke = select(graph, ['smoke'])
    expect(closure(graph, smoke, 'needs').map((n) => n.name)).toEqual(['apply', 'smoke'])
    expect(closure(graph, smoke, 'needs and after').map((n) => n.name)).toEqual(['apply', 'warm', 'smoke'])
  })
})
