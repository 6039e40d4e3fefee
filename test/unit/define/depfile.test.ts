import { type Context, depfile, effect, input, output, task } from 'lakitu'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Node } from '../../../src/graph/graph.ts'
import { LakituError } from '../../../src/model/error.ts'
import type { AnyTask } from '../../../src/model/task.ts'
import { treePath } from '../../../src/util/paths.ts'

function nodeOf(...tasks: readonly AnyTask[]): Node {
  const { nodes } = buildGraph({ tasks }, '/project', { configPath: treePath('/project', 'lakitu.config.ts') })
  const last = nodes.at(-1)
  if (!last) throw new Error('no node')
  return last
}

function codeOf(tasks: () => readonly AnyTask[]): string {
  try {
    nodeOf(...tasks())
    return 'loads'
  } catch (error) {
    if (!(error instanceof LakituError)) throw error
    return `${error.code}: ${error.message}`
  }
}

const cc = (name: string, ...words: Parameters<typeof task>[1]['command'] & object) =>
  task(name, { outputs: [`build/${name}.o`], command: ['cc', ...words] })

describe('depfile()', () => {
  it('is a word of the command, and the task then has that depfile', () => {
    const node = nodeOf(
      task('obj', { command: ['cc', '-MF', depfile('./build/a.d'), '-c', input('a.c'), output('build/a.o')] }),
    )
    expect([node.depfile, node.argv]).toEqual(['build/a.d', ['cc', '-MF', 'build/a.d', '-c', 'a.c', 'build/a.o']])
  })

  it('has a place of its own for each name, however long, and however the disk folds case', () => {
    const names = ['obj/src/a.c', 'obj/src-a.c', 'Obj/src/a.c', 'x'.repeat(500), 'ü']
    const places = names.map((name) => nodeOf(cc(name, '-MF', depfile())).depfile ?? '')
    expect(places[0]).toMatch(/^\.cache\/lakitu\/depfiles\/obj-src-a\.c-[0-9a-f]{8}\.d$/)
    expect(new Set(places.map((place) => place.toLowerCase())).size).toBe(names.length)
    expect(Math.max(...places.map((place) => place.length))).toBeLessThan(130)
  })

  it('takes the path that is named beside the command', () => {
    expect(nodeOf(task('a', { depfile: 'x/a.d', command: ['cc', depfile()] })).argv).toEqual(['cc', 'x/a.d'])
    expect(nodeOf(task('a', { depfile: 'x/a.d', command: ['cc', '-MD'] })).depfile).toBe('x/a.d')
  })

  it.each<[string, () => readonly AnyTask[], string]>([
    ['two', () => [cc('a', depfile('x'), depfile('y'))], 'E_TWO_DEPFILES: Task a has two depfiles'],
    [
      'another one beside the command',
      () => [task('a', { depfile: 'x', command: ['cc', depfile('y')] })],
      'E_TWO_DEPFILES: Task a has two depfiles',
    ],
    ['the same twice', () => [cc('a', depfile('x'), depfile('x'), depfile())], 'loads'],
    [
      "another task's",
      () => [cc('a', depfile('x.d')), cc('b', depfile('x.d'))],
      "E_DOUBLE_OUTPUT: Tasks a and b both make x.d, or one makes a file inside the other's folder",
    ],
    [
      "in another task's output",
      () => [task('a', { outputs: ['out'], command: ['cc'] }), cc('b', depfile('out/x.d'))],
      "E_DOUBLE_OUTPUT: Tasks a and b both make out/x.d, or one makes a file inside the other's folder",
    ],
    ['in its own output', () => [task('a', { outputs: ['out'], command: ['cc', depfile('out/x.d')] })], 'loads'],
    ['as its own output', () => [task('a', { outputs: ['x.d'], command: ['cc', depfile('x.d')] })], 'loads'],
    [
      'that is an input',
      () => [cc('a', input('a.c'), depfile('a.c'))],
      'E_OWN_INPUT: Task a has a.c both as an input and as an output',
    ],
    [
      'outside',
      () => [cc('a', depfile('../x.d'))],
      'E_OUTPUT_PLACE: Task a makes /x.d, which is not inside the project',
    ],
    [
      'among what is lakitu’s',
      () => [cc('a', depfile('.cache/lakitu/journal'))],
      "E_OUTPUT_PLACE: Task a makes .cache/lakitu/journal, which is not a task's to make",
    ],
  ])('%s', (_what, tasks, error) => {
    expect(codeOf(tasks)).toBe(error)
  })

  it('is typed', () => {
    // @ts-expect-error A path is text.
    depfile(1)
    // @ts-expect-error An effect has no command, and no depfile.
    effect('e', { probe: () => 1, run: () => {}, depfile: 'x' })
    task('t', { depfile: 'x', run: ({ read }) => read('y')?.length ?? 0 })
    const reads = (ctx: Context): string | undefined => ctx.read('x')
    // @ts-expect-error What is not there has no text.
    const text = (ctx: Context): string => ctx.read('x')
    expect([typeof reads, typeof text]).toEqual(['function', 'function'])
  })
})
