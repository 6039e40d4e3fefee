import { fileURLToPath } from 'node:url'
import { parse } from 'es-module-lexer'
import { LakituError } from '../model/error.ts'
import type { FactValue } from '../model/facts.ts'
import { sha256 } from '../util/digest.ts'
import { treePath } from '../util/paths.ts'

/** What finding the code of a task may use. */
export interface ModuleSource {
  readonly root: string
  read(path: string): string
  /** Where a specifier in a module leads to; undefined: to Node or to lakitu itself, which are facts of their own. */
  resolve(specifier: string, parent: string): Import | undefined
  /** What the module asked for while it loaded, also with require(). */
  asked(url: string): Iterable<string>
  /** Whether the module at a file URL is local. */
  locate(url: string): Import
  /** Whether the module exports only values and types: then it is data, and its content counts only where it is picked. */
  isData(url: string): boolean
  /** What the module looked at while it loaded, by the call. */
  observed(url: string): Readonly<Record<string, FactValue>>
}

export type Import =
  /** A local module, by its file URL. */
  | { readonly kind: 'local'; readonly url: string }
  /** A package under node_modules, as `name@version`. */
  | { readonly kind: 'package'; readonly id: string }

/** Path → content hash of each local module, and what these looked at while loading; `name@version` of each package. */
export type CodeFacts = Readonly<Record<string, FactValue>>

interface Module {
  readonly hash: string
  readonly imports: readonly Import[]
}

/** Finds the code of tasks; each module is read once. */
export class CodeReader {
  private readonly modules = new Map<string, Module>()
  private readonly source: ModuleSource

  constructor(source: ModuleSource) {
    this.source = source
  }

  /** The modules and all that they import, by file URL. */
  facts(modules: readonly string[]): CodeFacts {
    const facts: Record<string, FactValue> = {}
    const seen = new Set<string>()
    const waiting: Import[] = modules.map((url) => this.source.locate(url))
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (next.kind === 'package') facts[next.id] = 'package'
      else if (!seen.has(next.url)) {
        seen.add(next.url)
        // What declares a task is more than data, whatever it exports.
        if (this.source.isData(next.url) && !modules.includes(next.url)) continue
        const path = fileURLToPath(next.url)
        const module = this.module(next.url, path)
        facts[treePath(this.source.root, path)] = module.hash
        Object.assign(facts, this.source.observed(next.url))
        waiting.push(...module.imports)
      }
    }
    return facts
  }

  /** The local modules among these and all that they import, also while they run; of one whose imports nobody can tell only itself. */
  reached(modules: readonly string[]): readonly string[] {
    const reached = new Set(modules)
    // A set goes on with what is added to it on the way.
    for (const url of reached) {
      for (const found of this.importsOf(url)) if (found.kind === 'local') reached.add(found.url)
    }
    return [...reached]
  }

  private importsOf(url: string): readonly Import[] {
    try {
      return this.module(url, fileURLToPath(url)).imports
    } catch {
      return []
    }
  }

  private module(url: string, path: string): Module {
    const known = this.modules.get(url)
    if (known) return known
    const text = this.source.read(path)
    const module = { hash: sha256(text), imports: this.imports(text, url, path) }
    this.modules.set(url, module)
    return module
  }

  private imports(text: string, url: string, path: string): readonly Import[] {
    if (!/\.[cm]?[jt]s$/.test(path)) return []
    const [imports] = parse(text, path)
    const literal = imports.flatMap((found) => {
      if (found.type === 'import-meta' || ('typeOnly' in found && found.typeOnly)) return []
      if (found.specifier === undefined || ('glob' in found && found.glob))
        throw computedImport(path, text, found.start)
      return [found.specifier]
    })
    const all = new Set([...literal, ...this.source.asked(url)])
    return [...all].flatMap((specifier) => this.source.resolve(specifier, url) ?? [])
  }
}

function computedImport(path: string, code: string, at: number): LakituError {
  return new LakituError({
    code: 'E_COMPUTED_IMPORT',
    headline: `An import is computed, so lakitu cannot know which code the tasks run`,
    facts: { file: `${path}:${code.slice(0, at).split('\n').length}` },
    next: "Write import('./literal.ts') for each module that may be meant.",
    family: 'usage',
  })
}
