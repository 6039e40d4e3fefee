import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { parse } from 'es-module-lexer'
import { describe, expect, it } from 'vitest'

/**
 * Who may import whom. A file imports from layers below its own and from its own folder; two layers of one line not from each
 * other. Type imports count.
 */
const layers = [
  ['util'],
  ['model'],
  ['define', 'graph', 'fingerprint', 'ports'],
  ['state', 'adapters', 'report'],
  ['downloads'],
  ['engine'],
  ['config'],
  ['cli'],
]
/** The public surface stands on these alone. */
const surface = ['define', 'model', 'util']
/** Each is known to exactly one file, and loaded only when that is called. */
const adapted = ['execa', 'got', 'tar', 'chokidar', 'listr2']
/** As these, but of kits: the one file that knows each. */
const adaptedByKits: Readonly<Record<string, string>> = {
  openpgp: 'src/kits/artifacts/openpgp.ts',
  yaml: 'src/kits/ansible/playbook/yaml.ts',
}
/** What kits may use beside Lakitu and Node. */
const forKits = /^(valibot|semver)(\/|$)/
/** May write to the outside by themselves. */
const outspoken = ['cli', 'report', 'adapters']

interface Import {
  readonly specifier: string
  readonly dynamic: boolean
  readonly typeOnly: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** What is wrong with these files (path → text), one line each: the file, then the rule. */
function faults(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = Object.entries(files).map(([path, text]): Source => ({ path, text, imports: importsOf(text, path) }))
  return [
    ...sources.flatMap((source) => source.imports.flatMap((found) => direction(source, found) ?? [])),
    ...sources.flatMap(speech),
    ...[...adapted, ...Object.keys(adaptedByKits)].flatMap((name) => single(name, sources)),
    ...circles(sources),
  ]
}

function importsOf(text: string, path: string): readonly Import[] {
  const [found] = parse(text, path)
  return found.flatMap((one) => {
    if (one.type === 'import-meta' || typeof one.specifier !== 'string') return []
    return [{ specifier: one.specifier, dynamic: one.type === 'dynamic', typeOnly: 'typeOnly' in one && one.typeOnly }]
  })
}

/** Where a relative import leads; undefined: out of the project. */
function target({ path }: Source, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined
}

function direction(source: Source, { specifier }: Import): string | undefined {
  const to = target(source, specifier)
  const [top, folder = ''] = source.path.split('/')
  const wrong = (rule: string) => `${source.path} imports ${specifier}: ${rule}`
  if (top === 'tasks' || !source.path.includes('/')) {
    const mine = to !== undefined && (to.startsWith('tasks/') || to === 'cluster.ts')
    const given = specifier === 'lakitu' || specifier.startsWith('lakitu/kits/') || isNode(specifier)
    return mine || given ? undefined : wrong("tasks use 'lakitu', 'lakitu/kits/…', each other and cluster.ts")
  }
  if (folder === 'kits') {
    const adapts = Object.entries(adaptedByKits).some(([name, path]) => specifier === name && source.path === path)
    const given = specifier === 'lakitu' || forKits.test(specifier) || isNode(specifier) || adapts
    const kit = specifier.startsWith('lakitu/kits/') || to?.startsWith('src/kits/')
    return given || kit ? undefined : wrong("kits use 'lakitu', Node, valibot, semver and kits")
  }
  if (to === undefined) {
    return specifier.startsWith('lakitu') ? wrong('the engine does not import its own surface') : undefined
  }
  const below = to.split('/')[1] ?? ''
  if (source.path === 'src/index.ts') {
    return surface.includes(below) ? undefined : wrong(`the public surface stands on ${surface.join(', ')} alone`)
  }
  if (folder === below || levelOf(below) < levelOf(folder)) return undefined
  return wrong(`${folder} may import only from its own folder and from layers below it`)
}

function levelOf(folder: string): number {
  const level = layers.findIndex((line) => line.includes(folder))
  return level === -1 ? Number.POSITIVE_INFINITY : level
}

function isNode(specifier: string): boolean {
  return specifier.startsWith('node:') && builtinModules.includes(specifier.slice('node:'.length))
}

/** Text and process ends come from the outer layers; the engine emits events and errors. */
function speech({ path, text }: Source): readonly string[] {
  const [top, folder = ''] = path.split('/')
  if (top !== 'src' || outspoken.includes(folder)) return []
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '')
  const words = code.match(/(?<![\w./])console\.\w+|\bprocess\.(?:exit|stdout|stderr)\b/g) ?? []
  return words.map((word) => `${path} uses ${word}: only ${outspoken.join(', ')} may`)
}

function single(name: string, sources: readonly Source[]): readonly string[] {
  const users = sources.filter(({ imports }) => imports.some((found) => isPackage(found.specifier, name)))
  const elsewhere = users.filter(({ path }) => !path.startsWith(adaptedByKits[name] ?? 'src/adapters/'))
  return [
    ...elsewhere.map(({ path }) => `${path} imports ${name}: only its adapter may`),
    ...(users.length > 1
      ? [`${users.map((user) => user.path).join(' and ')} import ${name}: one adapter alone may`]
      : []),
    ...users.flatMap((user) => (isLazy(user, name, sources) ? [] : [`${user.path} loads ${name} before it is needed`])),
  ]
}

/** Itself by `import()`, or every file that imports the user (type imports aside) does so by `import()`. */
function isLazy(user: Source, name: string, sources: readonly Source[]): boolean {
  const loads = user.imports.filter((found) => isPackage(found.specifier, name) && !found.typeOnly)
  if (loads.every((found) => found.dynamic)) return true
  const doors = sources.flatMap((source) => {
    return source.imports.filter((found) => !found.typeOnly && target(source, found.specifier) === user.path)
  })
  return doors.length > 0 && doors.every((found) => found.dynamic)
}

function isPackage(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`)
}

function circles(sources: readonly Source[]): readonly string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (source: Source, way: readonly string[]) => {
    const again = way.indexOf(source.path)
    if (again !== -1) found.push(`${[...way.slice(again), source.path].join(' → ')}: imports go round in a circle`)
    if (again !== -1 || done.has(source.path)) return
    for (const { specifier } of source.imports) {
      const next = byPath.get(target(source, specifier) ?? '')
      if (next) visit(next, [...way, source.path])
    }
    done.add(source.path)
  }
  for (const source of sources) visit(source, [])
  return found
}

const root = new URL('../../', import.meta.url).pathname

function projectFiles(): Readonly<Record<string, string>> {
  const below = (folder: string) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const paths = ['src', 'tasks'].flatMap((folder) => below(folder).map((path) => `${folder}/${path}`))
  const here = readdirSync(root).filter((name) => ['cluster.ts', 'lakitu.config.ts'].includes(name))
  const modules = [...paths, ...here].filter((path) => path.endsWith('.ts'))
  return Object.fromEntries(modules.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

describe('layers', () => {
  it('hold in the whole project', () => {
    const files = projectFiles()
    expect(Object.keys(files).length).toBeGreaterThan(100)
    expect(faults(files)).toEqual([])
  })

  it.each<[Readonly<Record<string, string>>, ...string[]]>([
    [
      { 'src/util/a.ts': `import '../model/b.ts'` },
      'src/util/a.ts imports ../model/b.ts: util may import only from its own folder and from layers below it',
    ],
    [
      { 'src/graph/a.ts': `import type { T } from '../define/b.ts'` },
      'src/graph/a.ts imports ../define/b.ts: graph may import only from its own folder and from layers below it',
    ],
    [
      { 'src/engine/a.ts': `await import('../cli/b.ts')` },
      'src/engine/a.ts imports ../cli/b.ts: engine may import only from its own folder and from layers below it',
    ],
    [
      { 'src/engine/a.ts': `import '../kits/b.ts'` },
      'src/engine/a.ts imports ../kits/b.ts: engine may import only from its own folder and from layers below it',
    ],
    [
      { 'src/engine/a.ts': `import 'lakitu'` },
      'src/engine/a.ts imports lakitu: the engine does not import its own surface',
    ],
    [
      { 'src/index.ts': `export * from './engine/run.ts'` },
      'src/index.ts imports ./engine/run.ts: the public surface stands on define, model, util alone',
    ],
    [
      { 'src/kits/lxc/a.ts': `import '../../model/b.ts'` },
      "src/kits/lxc/a.ts imports ../../model/b.ts: kits use 'lakitu', Node, valibot, semver and kits",
    ],
    [
      { 'src/kits/lxc/a.ts': `import 'picomatch'` },
      "src/kits/lxc/a.ts imports picomatch: kits use 'lakitu', Node, valibot, semver and kits",
    ],
    [
      { 'src/kits/x/a.ts': `await import('openpgp')` },
      "src/kits/x/a.ts imports openpgp: kits use 'lakitu', Node, valibot, semver and kits",
      'src/kits/x/a.ts imports openpgp: only its adapter may',
    ],
    [
      { 'src/kits/artifacts/openpgp.ts': `import 'openpgp'` },
      'src/kits/artifacts/openpgp.ts loads openpgp before it is needed',
    ],
    [
      { 'tasks/a.ts': `import '../src/util/text.ts'` },
      "tasks/a.ts imports ../src/util/text.ts: tasks use 'lakitu', 'lakitu/kits/…', each other and cluster.ts",
    ],
    [{ 'src/state/a.ts': `console.log(1)` }, 'src/state/a.ts uses console.log: only cli, report, adapters may'],
    [{ 'src/kits/x/a.ts': `process.exit(1)` }, 'src/kits/x/a.ts uses process.exit: only cli, report, adapters may'],
    [{ 'src/cli/a.ts': `await import('got')` }, 'src/cli/a.ts imports got: only its adapter may'],
    [{ 'src/adapters/a.ts': `import got from 'got'` }, 'src/adapters/a.ts loads got before it is needed'],
    [
      { 'src/adapters/a.ts': `import got from 'got'`, 'src/cli/b.ts': `import '../adapters/a.ts'` },
      'src/adapters/a.ts loads got before it is needed',
    ],
    [
      { 'src/adapters/a.ts': `await import('tar')`, 'src/adapters/b.ts': `import type { X } from 'tar'` },
      'src/adapters/a.ts and src/adapters/b.ts import tar: one adapter alone may',
    ],
    [
      { 'src/util/a.ts': `import './b.ts'`, 'src/util/b.ts': `import type { A } from './a.ts'` },
      'src/util/a.ts → src/util/b.ts → src/util/a.ts: imports go round in a circle',
    ],
  ])('are broken by %j', (files, ...expected) => {
    expect(faults(files)).toEqual(expected)
  })

  it('are not broken by what is allowed', () => {
    const files = {
      'src/model/a.ts': `import '../util/b.ts'\nimport './c.ts'\nimport 'node:fs'`,
      'src/cli/a.ts': `import '../adapters/lazy.ts'\nprocess.exitCode = 1\nconsole.log('x')`,
      'src/adapters/lazy.ts': `const door = () => import('./got.ts')`,
      'src/adapters/got.ts': `import got from 'got'`,
      'src/kits/a/x.ts': `import 'lakitu'\nimport 'lakitu/kits/b'\nimport '../b/y.ts'\nimport 'node:fs'\nimport 'valibot'`,
      'src/state/x.ts': `// console.log is for others\nconst url = 'https://console.example'`,
      'tasks/a.ts': `import 'lakitu'\nimport 'lakitu/kits/a'\nimport './b.ts'\nimport '../cluster.ts'`,
    }
    expect(faults(files)).toEqual([])
  })
})
