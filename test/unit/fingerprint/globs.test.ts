import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { listTree } from '../../../src/engine/look.ts'
import { baseFolders, matchFiles } from '../../../src/fingerprint/globs.ts'
import { isWithin, type TreePath } from '../../../src/util/paths.ts'
import { testFolder } from '../../support/folder.ts'

const tree = [
  'a.c',
  'src/b.c',
  'src/.hidden.c',
  'src/deep/er/c.c',
  'src/[id].c',
  'build/out.c',
  'node_modules/x/x.c',
  'src/node_modules/y.c',
  '.cache/z.c',
  '.git/w.c',
  '.lakitu/v.c',
  '.github/ci.yml',
  'docs/a',
  'docs/a~b',
  'docs/4913.md',
  'docs/a~',
  'docs/.a.swp',
  'docs/.#a',
  'docs/#a#',
  'docs/4913',
]

/** To folders. */
const links = [
  ['docs/round', '..'],
  ['docs/src', '../src'],
  ['docs/made', '../build'],
  ['docs/package', '../node_modules/x'],
  ['src/deep/docs', '../../docs'],
] as const

async function matched(
  patterns: readonly string[],
  made: readonly string[] = ['build'],
  linked: typeof links | [] = [],
) {
  const root = await testFolder()
  for (const path of tree) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), path)
  }
  mkdirSync(join(root, 'src/empty'))
  symlinkSync('../a.c', join(root, 'src/link.c'))
  symlinkSync('nowhere', join(root, 'src/dangling.c'))
  for (const [path, text] of linked) symlinkSync(text, join(root, path))
  return matchFiles(
    {
      root,
      list: (folder) => listTree(nodeDisk, root, folder),
      isForeignOutput: (path) => made.some((place) => isWithin(path, place)),
    },
    patterns,
  )
}

describe('files are found', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['*.c'], ['a.c']],
    [['src/*.c'], ['src/.hidden.c', 'src/[id].c', 'src/b.c', 'src/dangling.c', 'src/link.c']],
    [['src/**/c.c'], ['src/deep/er/c.c']],
    [['src/deep'], ['src/deep/er/c.c']],
    [['src/deep/**', '!src/deep/er'], []],
    [['**/*.c', '!src/**'], ['a.c']],
    [['.github/**'], ['.github/ci.yml']],
    [['src/\\[id\\].c'], ['src/[id].c']],
    [['docs/**'], ['docs/4913.md', 'docs/a', 'docs/a~b']],
    [['docs/*~'], ['docs/a~']],
    [['docs/.#a'], ['docs/.#a']],
  ])('%j: %j', async (patterns, paths) => {
    expect((await matched(patterns)).paths).toEqual(paths)
  })

  it.each<[readonly string[], readonly string[]]>([
    [['docs/*'], ['docs/4913.md', 'docs/a', 'docs/a~b', 'docs/made', 'docs/package', 'docs/round', 'docs/src']],
    [['docs/**/b.c'], ['docs/src/b.c']],
    [['docs/**/{x,out}.c'], []],
    [['src/**/{c.c,docs,round,a}'], ['src/deep/docs', 'src/deep/docs/a', 'src/deep/docs/round', 'src/deep/er/c.c']],
    [
      ['docs/src/*.c'],
      ['docs/src/.hidden.c', 'docs/src/[id].c', 'docs/src/b.c', 'docs/src/dangling.c', 'docs/src/link.c'],
    ],
  ])('behind links to folders too, but not in circles nor where no glob goes: %j: %j', async (patterns, paths) => {
    expect((await matched(patterns, ['build'], links)).paths).toEqual(paths)
  })

  it('a literal path stands there even where nothing is', async () => {
    expect((await matched(['not-there.c', 'src/b.c'])).paths).toEqual(['not-there.c', 'src/b.c'])
  })

  it('a glob in a folder that is not there, and what is refused, name no path', async () => {
    expect(await matched(['not-there/*.c', '*.c', '!gone.c'])).toEqual({ paths: ['a.c'], folders: ['.'] })
  })

  it('in an order of their own, whatever that of the disk is', () => {
    const entries = ['b', 'a', 'c'].map((name) => ({ name, isFolder: name === 'c' }))
    const list = (folder: TreePath) => (folder === '.' ? entries : folder === 'c' ? [] : undefined)
    const found = matchFiles({ root: '/p', list, isForeignOutput: () => false }, ['**', 'Z', 'c/**'])
    expect(found).toEqual({ paths: ['Z', 'a', 'b'], folders: ['.', 'c'] })
  })

  it('what tasks make, and the folders of tools, only where the pattern names them', async () => {
    expect((await matched(['**/*.c'])).paths).not.toContain('build/out.c')
    expect((await matched(['build/*.c'])).paths).toEqual(['build/out.c'])
    expect((await matched(['node_modules/**/*.c'])).paths).toEqual(['node_modules/x/x.c'])
    expect((await matched(['.cache/*.c'])).paths).toEqual(['.cache/z.c'])
  })

  it('and every folder that was looked into is told, empty ones too', async () => {
    expect((await matched(['src/**'])).folders).toEqual(['src', 'src/deep', 'src/deep/er', 'src/empty'])
  })
})

it('a watch looks at the folders in front of the globs', () => {
  expect(baseFolders('/project', ['src/**/*.c', '!src/x', 'a.c', '*.h'])).toEqual(['src', 'a.c', '.'])
})
