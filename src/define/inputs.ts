import type { EnvInput, FilesInput, ToolInput, ValueInput } from '../model/input.ts'

/**
 * Files by path or glob (`*`, `**`, `?`, `[…]`, `{…}`), relative to the project's root; a leading `!` takes away.
 * A path without glob characters may be absent: that, too, is a fact. Globs never match outputs of other tasks,
 * node_modules, .git, .cache or .lakitu unless they are named. `ctx.inputs` gets the sorted list of paths.
 */
export function files(...patterns: readonly string[]): FilesInput {
  return { kind: 'files', patterns }
}

/** A JSON value as an input. A function is evaluated after the config has loaded. */
export function value<T>(content: T | (() => T)): ValueInput<T> {
  return picked(isThunk(content) ? content : () => content)
}

function picked<T>(content: () => T): ValueInput<T> {
  return { kind: 'value', content, pick: (part) => picked(() => part(content())) }
}

function isThunk<T>(content: T | (() => T)): content is () => T {
  return typeof content === 'function'
}

/** A variable of lakitu's own environment; `undefined` where it is not set. */
export function env(variable: string): EnvInput {
  return { kind: 'env', variable }
}

/** A program by what it prints when asked, usually its version; '' where it is not there. Asked once in a process; `tool('vagrant', '--version').trustFile()` only when its file is another one. */
export function tool(program: string, ...args: readonly string[]): ToolInput {
  return toolInput({ program, args, trustsFile: false })
}

function toolInput(question: Pick<ToolInput, 'program' | 'args' | 'trustsFile'>): ToolInput {
  return { kind: 'tool', ...question, trustFile: () => toolInput({ ...question, trustsFile: true }) }
}
