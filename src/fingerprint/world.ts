import type { PathFact } from '../model/facts.ts'
import type { TreePath } from '../util/paths.ts'

/** What taking facts may see: a slice of the ports, put together by the engine. */
export interface World {
  readonly root: string
  readonly platform: string
  readonly arch: string
  /** What the path holds now. */
  pathFact(path: TreePath): PathFact
  /** Undefined where it is no folder. */
  list(folder: TreePath): readonly { readonly name: string; readonly isFolder: boolean }[] | undefined
  /** Whether a task makes this path whose outputs the asking task's globs must not see. */
  isForeignOutput(path: TreePath): boolean
  env(variable: string): string | undefined
  /** What the program prints when asked. Rejects where it is not there, or fails. */
  toolOutput(program: string, args: readonly string[]): Promise<string>
  /** The file behind a program's name on PATH (that of `env`, where it has one), and its content. */
  programFact(
    program: string,
    command: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ): PathFact
}
