import { resolve } from 'node:path'
import { patternsOf } from '../model/input.ts'
import { type TreePath, treePath } from '../util/paths.ts'
import { literalPattern } from '../util/patterns.ts'
import type { Node } from './graph.ts'

type Command = Pick<Node, 'argv' | 'definition'>

/** The file that a command's first word names by itself; undefined where it is looked up on PATH, or where there is none. */
export function programPath(root: string, { argv, definition }: Command): TreePath | undefined {
  const [program] = argv ?? []
  return program?.includes('/') ? treePath(root, resolve(root, definition.cwd, program)) : undefined
}

/** The first word, unless it is among the inputs. */
export function bareProgram(root: string, node: Command & Pick<Node, 'inputs'>): string | undefined {
  const path = programPath(root, node)
  const isInput =
    path !== undefined && node.inputs.some(({ input }) => patternsOf(input).includes(literalPattern(path)))
  return isInput ? undefined : node.argv?.[0]
}
