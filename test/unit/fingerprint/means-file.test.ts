import { expect, it } from 'vitest'
import { matchFiles, meansFile } from '../../../src/fingerprint/globs.ts'
import type { TreeEntry } from '../../../src/fingerprint/world.ts'
import { isWithin, type TreePath } from '../../../src/util/paths.ts'
import { forSeeds, type Random } from '../../support/random.ts'

const folders = ['a', 'b', 'node_modules', '.hidden', 'made', '.git']
const names = ['x.ts', 'y.md', '.dot', 'z~', '.#lock', 'x.ts~', 'a']
const patterns = [
  '**',
  '**/*.ts',
  '*.ts',
  'a',
  'a/*',
  'a/**',
  '!**/*.md',
  '!a/b/**',
  'b/{a,b}/*',
  'made',
  'made/**',
  'node_modules/**',
  '**/z~',
  'a/x.ts',
  '*',
  '.hidden/**',
]

/** A tree of files in the memory: folder → what is in it. */
function growTree(random: Random) {
  const files = new Set<TreePath>()
  for (let count = random.int(25); count >= 0; count -= 1) {
    const way = Array.from({ length: random.int(4) }, () => random.pick(folders))
    const path = [...way, random.pick(names)].join('/') as TreePath
    const isFolder = [...files].some((other) => other.startsWith(`${path}/`))
    const isBelowFile = [...files].some((other) => path.startsWith(`${other}/`))
    if (!isFolder && !isBelowFile) files.add(path)
  }
  const list = (folder: TreePath): readonly TreeEntry[] | undefined => {
    const inside = [...files].filter((file) => file !== folder && isWithin(file, folder))
    const entries = inside.map((file) => file.slice(folder === '.' ? 0 : folder.length + 1).split('/'))
    const found = new Map(entries.map(([name = '', ...more]) => [name, more.length > 0]))
    if (found.size === 0 && folder !== '.') return undefined
    return [...found].map(([name, isFolder]) => ({ name, isFolder }))
  }
  return { files, list }
}

it('of the files that are there it means just those that a look at the disk finds', async () => {
  let meant = 0
  await forSeeds(3000, (random) => {
    const { files, list } = growTree(random)
    const tree = { root: '/root', list, isForeignOutput: (path: TreePath) => isWithin(path, 'made') }
    const some = Array.from({ length: 1 + random.int(3) }, () => random.pick(patterns))
    const found = [...files].filter((file) => meansFile(tree, some, file))
    meant += found.length
    const there = matchFiles(tree, some).paths.filter((path) => files.has(path))
    expect([some, found.toSorted()]).toEqual([some, there.toSorted()])
  })
  expect(meant).toBeGreaterThan(3000)
})
