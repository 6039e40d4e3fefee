import { describe, expect, it } from 'vitest'
import { CodeReader, type Import } from '../../../src/fingerprint/code.ts'

/** Modules in memory; `lib` is a package, `data.ts` is data, and what begins with `node:` is Node's. */
function reader(modules: Readonly<Record<string, string>>): CodeReader {
  const at = (url: string): Import => ({ kind: 'local', url })
  return new CodeReader({
    root: '/p',
    read: (path) => {
      const text = modules[path.slice(3)]
      if (text === undefined) throw new Error(`no ${path}`)
      return text
    },
    resolve: (specifier, parent) => {
      if (specifier.startsWith('node:') || specifier === 'lakitu') return undefined
      if (specifier === 'lib') return { kind: 'package', id: 'lib@1.0.0' }
      return at(new URL(specifier, parent).href)
    },
    locate: at,
    isData: (url) => url.endsWith('/data.ts'),
    asked: () => [],
    observed: () => ({}),
  })
}

const url = (path: string) => `file:///p/${path}`
const paths = (modules: Readonly<Record<string, string>>) => Object.keys(reader(modules).facts([url('main.ts')])).sort()

describe('the code of a task', () => {
  it.each<[string, string, readonly string[]]>([
    ['an import', `import { a } from './a.ts'`, ['a.ts', 'main.ts']],
    ['an import for its effect', `import './a.ts'`, ['a.ts', 'main.ts']],
    ['a re-export', `export * from './a.ts'`, ['a.ts', 'main.ts']],
    ['a re-export of a name', `export { a } from './a.ts'`, ['a.ts', 'main.ts']],
    ['an import while it runs', `const a = await import('./a.ts')`, ['a.ts', 'main.ts']],
    ['a package', `import lib from 'lib'`, ['lib@1.0.0', 'main.ts']],
    ['no type import', `import type { A } from './a.ts'\nexport type { B } from './a.ts'`, ['main.ts']],
    ['no data module', `import { cluster } from './data.ts'`, ['main.ts']],
    ['neither Node nor lakitu', `import fs from 'node:fs'\nimport { task } from 'lakitu'`, ['main.ts']],
    ['no text that only looks like one', `const text = "import './a.ts'" // import './a.ts'`, ['main.ts']],
  ])('counts %s', (_what, main, found) => {
    expect(paths({ 'main.ts': main, 'a.ts': '', 'data.ts': `import './a.ts'` })).toEqual(found)
  })

  it('goes through all that these import, round a circle too', () => {
    const modules = {
      'main.ts': `import './a.ts'`,
      'a.ts': `import './sub/b.ts'`,
      'sub/b.ts': `import '../main.ts'\nimport './c.json' with { type: 'json' }`,
      'sub/c.json': '{ "not": "import()" }',
    }
    expect(paths(modules)).toEqual(['a.ts', 'main.ts', 'sub/b.ts', 'sub/c.json'])
  })

  it('counts a module that declares a task, also where it exports only data', () => {
    const facts = reader({ 'data.ts': '1' }).facts([url('data.ts')])
    expect(Object.keys(facts)).toEqual(['data.ts'])
  })

  it('changes with the content of each', () => {
    const before = reader({ 'main.ts': `import './a.ts'`, 'a.ts': '1' }).facts([url('main.ts')])
    const after = reader({ 'main.ts': `import './a.ts'`, 'a.ts': '2' }).facts([url('main.ts')])
    expect(after['a.ts']).not.toBe(before['a.ts'])
    expect(after['main.ts']).toBe(before['main.ts'])
  })

  it.each(['import(name)', ['import(`./$', '{name}.ts`)'].join(''), "import('./' + name)"])(
    'cannot be known behind %s',
    (text) => {
      const facts = () => reader({ 'main.ts': `const name = 'a'\n\nawait ${text}` }).facts([url('main.ts')])
      expect(facts).toThrow(
        expect.objectContaining({
          code: 'E_COMPUTED_IMPORT',
          facts: { file: '/p/main.ts:3' },
          next: "Write import('./literal.ts') for each module that may be meant.",
          family: 'usage',
        }),
      )
    },
  )
})
