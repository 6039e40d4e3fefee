import type { PathFact } from '../model/facts.ts'
import type { Secret, SecretSource } from '../model/secret.ts'
import type { TreePath } from '../util/paths.ts'

/** A part of what tasks make: path → content, and the files among them. */
export interface Part {
  readonly facts: Readonly<Record<string, PathFact>>
  readonly paths: readonly TreePath[]
}

/** One name in a folder. */
export interface TreeEntry {
  readonly name: string
  readonly isFolder: boolean
  /** Of a link to a folder: that folder, all links resolved. */
  readonly leadsTo?: TreePath
}

/** What taking facts may see: a slice of the ports, put together by the engine. */
export interface World {
  readonly root: string
  readonly platform: string
  readonly arch: string
  /** What the path holds now. */
  pathFact(path: TreePath): PathFact
  /** Undefined where it is no folder. */
  list(folder: TreePath): readonly TreeEntry[] | undefined
  /** Whether a task makes this path whose outputs the asking task's globs must not see. */
  isForeignOutput(path: TreePath): boolean
  /** What counts of a part of what a need made, and its files. */
  part(task: string, patterns: readonly string[]): Part
  env(variable: string): string | undefined
  /** What the program prints when asked. Rejects where it is not there, or fails. */
  toolOutput(question: {
    readonly program: string
    readonly args: readonly string[]
    readonly trustsFile: boolean
  }): Promise<string>
  /** The handle of a secret, and what stands for its text in facts. Error where it is not there. */
  secret(source: SecretSource): { readonly handle: Secret; readonly fact: string }
  /** The file behind a program's name, looked up on PATH (that of `env`, where it has one) or from `cwd`, and its content. */
  programFact(
    program: string,
    command: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ): PathFact
}
