import type { Config } from '../model/config.ts'
import { LakituError } from '../model/error.ts'
import { patternsOf } from '../model/input.ts'
import type { AnyTask, Definition, Output, Word } from '../model/task.ts'
import { type TreePath, treePath } from '../util/paths.ts'
import { literalPattern, splitPattern } from '../util/patterns.ts'
import { checkClosures } from './closures.ts'
import { type Collected, collect, isTask } from './collect.ts'
import type { Graph, NamedNeed, Node, NodeOutput } from './graph.ts'
import { checkObserved, type Observed } from './observed.ts'
import { inOrder } from './order.ts'
import { claimOutputs, type Makers, type OnDisk } from './outputs.ts'
import { inputOf, partInCommand, secretIsOutput, tasksInInputs } from './parts.ts'
import { programPath } from './program.ts'
import type { RealFolder } from './real-places.ts'
import { checkRewrites, rewritesInput } from './rewrites.ts'
import { seenFrom } from './seen.ts'
import { checkServices } from './services.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Draft = Mutable<Node>

export interface GraphSetting {
  readonly configPath: TreePath
  /** What the config looked at while it loaded. */
  readonly observed?: readonly Observed[]
  /** Where links on the disk lead to; default: there are none. */
  readonly realFolder?: RealFolder
  /** Default: the disk folds case, and Unicode's forms. */
  readonly isOnePlace?: OnDisk['isOnePlace']
}

/** From what the config declared to the validated graph. Every fault of the config is one error that names its place. */
export function buildGraph(config: Config, root: string, setting: GraphSetting): Graph {
  const { configPath, observed = [], realFolder = (folder) => folder, isOnePlace = () => true } = setting
  const collected = collect(config.tasks)
  const drafts = new Map<AnyTask, Draft>(collected.map(({ task }) => [task, draftOf(task)]))
  const at = (task: AnyTask): Draft =>
    drafts.get(task) ?? fail('E_UNKNOWN_NEED', `Task ${task.name} is not known`, task)
  for (const { task } of collected) checkAction(task.definition)
  for (const each of collected) connect(at(each.task), each, at, root)
  const nodes = [...drafts.values()]
  const makers = claimOutputs(nodes, configPath, { realFolder, isOnePlace })
  checkObserved(observed, makers)
  checkRewrites(nodes, makers, root)
  for (const { task } of collected) {
    resolveCommand(at(task), at, { root, see: seenFrom(root, task.definition.cwd, realFolder) })
  }
  for (const draft of nodes) impliedNeeds(draft, makers, root)
  checkClosures(nodes)
  checkServices(nodes)
  const ordered = inOrder(nodes)
  for (const draft of nodes) draft.undoes = undoOrder(draft.definition, ordered, at)
  const names = nodes.flatMap((n) => [n.name, ...n.definition.aliases].map((name) => [name, n] as const))
  return {
    root,
    nodes: ordered,
    byName: new Map(names),
    defaultNode: config.default && at(config.default),
    watched: (config.watch ?? (config.default ? [config.default] : [])).map(at),
    hasDepfiles: nodes.some((node) => node.depfile !== undefined),
    makerOf: makers.makerOf,
  }
}

function draftOf({ name, definition }: AnyTask): Draft {
  const lists = { needs: [], requires: [], after: [], inputs: [], outputs: [], undoes: [] }
  return { name, definition, ...lists, depfile: undefined, argv: undefined }
}

function connect(draft: Draft, { task, needs, after }: Collected, at: (task: AnyTask) => Draft, root: string): void {
  const { definition } = task
  draft.needs = needs.map((n): NamedNeed => ({ key: n.key, nodes: n.tasks.map(at), list: n.list }))
  draft.after = after.map(at)
  draft.outputs = definition.outputs.map((output) => outputOf(output, task, at, root))
  draft.depfile = definition.depfile === undefined ? undefined : treePath(root, definition.depfile)
  const parts = tasksInInputs(definition.inputs).map(at)
  draft.requires = [...new Set([...draft.needs.flatMap((n) => n.nodes), ...updated(draft), ...parts])]
  draft.inputs = Object.entries(definition.inputs).map(([name, input]) => inputOf(name, input, root))
  draft.inputs = [...draft.inputs, ...rewritesInput(definition)]
}

function outputOf(output: Output, task: AnyTask, at: (task: AnyTask) => Draft, root: string): NodeOutput {
  switch (output.kind) {
    case 'path':
      return { kind: 'path', path: treePath(root, output.path) }
    case 'witness': {
      if (output.files.length === 0)
        throw fail('E_WITNESS', `witness('${output.folder}') of ${task.name} names no file that tells its state`, task)
      const files = output.files.map((file) => treePath(root, `${output.folder}/${file}`))
      return { kind: 'witness', folder: treePath(root, output.folder), files }
    }
    case 'updates': {
      const folder = output.of.definition.outputs.find((o) => o.kind === 'witness')?.folder
      if (folder === undefined) throw fail('E_UPDATES', `${output.of.name} has no witness folder to update`, task)
      return { kind: 'updates', of: at(output.of), files: output.files.map((f) => treePath(root, `${folder}/${f}`)) }
    }
  }
}

function updated(draft: Draft): readonly Node[] {
  return draft.outputs.flatMap((output) => (output.kind === 'updates' ? [output.of] : []))
}

interface From {
  readonly root: string
  /** A path as the program names it. */
  see(path: TreePath): string
}

/** Puts the paths into the argv, and what they declare beside the other inputs and outputs. */
function resolveCommand(draft: Draft, at: (task: AnyTask) => Draft, { root, see }: From): void {
  const { action } = draft.definition
  if (action.kind !== 'command') return
  const argv: string[] = []
  const inputs: TreePath[] = []
  for (const word of action.words) {
    const paths = pathsOf(word, draft, at, root)
    const words = typeof word === 'string' ? [word] : paths.words.map(see)
    // A path is no name to be looked up on PATH.
    const isProgram = typeof word !== 'string' && argv.length === 0
    argv.push(...words.map((text, i) => (isProgram && i === 0 && !text.includes('/') ? `./${text}` : text)))
    inputs.push(...paths.inputs)
    draft.requires = [...new Set([...draft.requires, ...paths.requires])]
  }
  draft.argv = argv
  if (inputs.length > 0) {
    draft.inputs = [...draft.inputs, { name: 'argv', input: { kind: 'files', patterns: inputs.map(literalPattern) } }]
  }
}

interface WordPaths {
  readonly words: readonly TreePath[]
  readonly inputs: readonly TreePath[]
  readonly requires: readonly Node[]
}

function pathsOf(word: Word, draft: Draft, at: (task: AnyTask) => Draft, root: string): WordPaths {
  if (typeof word === 'string') return { words: [], inputs: [], requires: [] }
  if (word.kind === 'output-word') return { words: [treePath(root, word.path)], inputs: [], requires: [] }
  if (word.kind === 'depfile-word') return { words: draft.depfile ? [draft.depfile] : [], inputs: [], requires: [] }
  if (word.patterns.length > 0) throw partInCommand(draft, word.patterns)
  const requires = [word.of].flat().filter(isTask).map(at)
  const words = [word.of].flat().flatMap((of) => {
    if (typeof of === 'string') return [treePath(root, of)]
    return isTask(of) ? madeBy(of, draft, at) : []
  })
  return { words, inputs: words, requires }
}

function madeBy(task: AnyTask, draft: Draft, at: (task: AnyTask) => Draft): readonly TreePath[] {
  const paths = at(task).outputs.flatMap((o) => (o.kind === 'path' ? [o.path] : []))
  if (paths.length > 0) return paths
  throw new LakituError({
    code: 'E_NO_OUTPUTS',
    headline: `input(${task.name}) in the command of ${draft.name} names a task that makes no files`,
    facts: { declared: draft.definition.site, [task.name]: task.definition.site },
    next: `Give ${task.name} outputs, or put it into needs.`,
    family: 'usage',
  })
}

/** A path among the inputs, or the program itself, that another task makes, or a glob inside of it: that task comes first, as in Make. */
function impliedNeeds(draft: Draft, makers: Makers, root: string): void {
  const implied = new Set<Node>(draft.requires)
  for (const { input } of draft.inputs) {
    if (input.kind === 'secret' && 'file' in input.from) {
      const path = treePath(root, input.from.file)
      const maker = makers.makerOf(path)
      if (maker) throw secretIsOutput(draft, path, maker.name)
    }
    for (const pattern of patternsOf(input)) {
      if (pattern.startsWith('!')) continue
      const path = treePath(root, splitPattern(pattern).base)
      const maker = makers.makerOf(path)
      if (maker === draft) throw readsOwnOutput(draft, path)
      if (maker) implied.add(maker)
    }
  }
  const program = programPath(root, draft)
  const maker = program === undefined ? undefined : makers.makerOf(program)
  if (maker === draft && program !== undefined) throw readsOwnOutput(draft, program)
  if (maker) implied.add(maker)
  draft.requires = [...implied]
}

function undoOrder(definition: Definition, ordered: readonly Node[], at: (task: AnyTask) => Draft): readonly Node[] {
  if (definition.action.kind !== 'undo') return []
  const undone = new Set<Node>(definition.action.effects.map(at))
  for (const node of ordered) {
    if (node.requires.some((need) => undone.has(need))) undone.add(node)
  }
  return ordered.filter((node) => undone.has(node) && node.definition.kind === 'effect').reverse()
}

function checkAction(definition: Definition): void {
  const { action, outputs } = definition
  if (action.kind === 'command' && action.words.length === 0) {
    throw new LakituError({
      code: 'E_NO_ACTION',
      headline: `The command of task ${definition.name} has no program`,
      facts: { declared: definition.site },
      next: 'Write the program as its first word.',
      family: 'usage',
    })
  }
  if (action.kind === 'none' && outputs.length > 0) {
    throw new LakituError({
      code: 'E_NO_ACTION',
      headline: `Task ${definition.name} declares outputs but does not say how they are made`,
      facts: { declared: definition.site },
      next: 'Give it either a command or a run function.',
      family: 'usage',
    })
  }
}

function readsOwnOutput(draft: Draft, path: string): LakituError {
  return new LakituError({
    code: 'E_OWN_INPUT',
    headline: `Task ${draft.name} has ${path} both as an input and as an output`,
    facts: { declared: draft.definition.site },
    next: 'Write to another path.',
    family: 'usage',
  })
}

function fail(code: string, headline: string, task: AnyTask): never {
  const facts = { declared: task.definition.site }
  throw new LakituError({ code, headline, facts, next: 'Mend the config.', family: 'usage' })
}
