import { LakituError } from '../model/error.ts'
import { type Facts, type FactValue, factsFormat } from '../model/facts.ts'
import type { NamedInput, PartInput } from '../model/input.ts'
import { sourceText } from '../model/secret.ts'
import type { TaskKind } from '../model/task.ts'
import { byCodeUnit, jsonCopy, NotJsonError } from '../util/canonical.ts'
import type { CodeFacts } from './code.ts'
import { matchFiles } from './globs.ts'
import type { Part, World } from './world.ts'

/** What a task declares, its needs settled. */
export interface FactRequest {
  readonly name: string
  readonly kind: TaskKind
  readonly argv: readonly string[] | undefined
  /** argv's first word, unless it stands among the inputs. */
  readonly program: string | undefined
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly inputs: readonly NamedInput[]
  readonly outputs: readonly string[]
  readonly depfile: string | undefined
  /** Results of the needs by key. */
  readonly needs: Readonly<Record<string, FactValue>>
  /** Only of tasks with functions. */
  readonly code: CodeFacts | undefined
  readonly portable: boolean
}

export interface TakenFacts {
  readonly facts: Facts
  /** What `ctx.inputs` hands over. */
  readonly values: Readonly<Record<string, unknown>>
}

/** From declarations to facts, at one moment. Errors: E_NOT_JSON; E_TOOL_MISSING of a command's own program. */
export async function takeFacts(request: FactRequest, world: World): Promise<TakenFacts> {
  const { argv, program, portable, code, depfile } = request
  const taken = await Promise.all(request.inputs.map((input) => takeInput(request.name, input, world)))
  const facts: Facts = {
    format: factsFormat,
    platform: `${world.platform}-${world.arch}`,
    kind: request.kind,
    ...(argv ? { argv, cwd: request.cwd, env: request.env } : {}),
    ...(program === undefined ? {} : { program: world.programFact(program, request) }),
    inputs: Object.fromEntries(taken.map((t) => [t.name, t.fact])),
    outputs: request.outputs,
    ...(depfile === undefined ? {} : { depfile }),
    needs: request.needs,
    ...(code ? { code } : {}),
    ...(portable ? {} : { root: world.root }),
  }
  return {
    facts,
    values: Object.fromEntries(taken.map((t) => [t.name, t.value])),
  }
}

interface TakenInput {
  readonly name: string
  readonly fact: FactValue
  readonly value: unknown
}

async function takeInput(task: string, { name, input }: NamedInput, world: World): Promise<TakenInput> {
  switch (input.kind) {
    case 'files': {
      const { facts, paths } = takeFiles(input.patterns, world)
      return { name, fact: facts, value: paths }
    }
    case 'part':
      return { name, ...takePart(input, world) }
    case 'value': {
      const content = asJson(task, name, input.content())
      return { name, fact: content, value: content }
    }
    case 'env': {
      const text = world.env(input.variable)
      return { name, fact: { [input.variable]: text ?? null }, value: text }
    }
    case 'secret': {
      const { handle, fact } = world.secret(input.from)
      return { name, fact: { [sourceText(input.from)]: fact }, value: handle }
    }
    case 'tool': {
      const text = await world.toolOutput(input).catch(missingTool)
      return { name, fact: text ?? null, value: text ?? '' }
    }
  }
}

function takeFiles(patterns: readonly string[], world: World): Part {
  const { paths } = matchFiles(world, patterns)
  return { facts: Object.fromEntries(paths.map((path) => [path, world.pathFact(path)])), paths }
}

function takePart({ tasks, patterns, files }: PartInput, world: World): Omit<TakenInput, 'name'> {
  const parts = [takeFiles(files, world), ...tasks.map((task) => world.part(task, patterns))]
  return {
    // Not by assignment: a file may be called `__proto__`.
    fact: Object.fromEntries(parts.flatMap((part) => Object.entries(part.facts))),
    value: [...new Set(parts.flatMap((part) => part.paths))].sort(byCodeUnit),
  }
}

/** A program that is not there is a fact like any other: the task that uses it says best what to do about it. */
function missingTool(error: unknown): undefined {
  if (error instanceof LakituError && error.code === 'E_TOOL_MISSING') return undefined
  throw error
}

/** The value as JSON, or the error that says where it is not. */
export function asJson(task: string, what: string, value: unknown): FactValue {
  if (value === undefined) return null
  try {
    return jsonCopy(value) as FactValue
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error
    throw new LakituError({
      code: 'E_NOT_JSON',
      headline: `${what} of task ${task} is not JSON: ${error.message}`,
      next: 'Keep to null, booleans, finite numbers, strings, lists and plain objects.',
      family: 'usage',
      cause: error,
    })
  }
}
