import { describe, expect, it } from 'vitest'
import { foldedPath, isWithin, onDisk, treePath } from '../../../src/util/paths.ts'

describe('a path of the tree', () => {
  it.each([
    ['a/b', 'a/b'],
    ['./a/../b', 'b'],
    ['a//b/', 'a/b'],
    ['.', '.'],
    ['', '.'],
    ['/project/a', 'a'],
    ['/project', '.'],
    ['/projects/a', '/projects/a'],
    ['../other/a', '/other/a'],
    ['/', '/'],
    ['..hidden', '..hidden'],
    ['...', '...'],
    ['..a/b', '..a/b'],
    ['name with blanks\nand a line', 'name with blanks\nand a line'],
  ])('of %j is %j', (written, path) => {
    expect(treePath('/project', written)).toBe(path)
  })

  it('leads back to its place on the disk', () => {
    expect(onDisk('/project', treePath('/project', 'a/b'))).toBe('/project/a/b')
    expect(onDisk('/project', treePath('/project', '/etc/hosts'))).toBe('/etc/hosts')
  })
})

describe('whether a path lies in a folder', () => {
  it.each([
    ['a', 'a', true],
    ['a/b', 'a', true],
    ['ab', 'a', false],
    ['a', 'a/b', false],
    ['a', '.', true],
    ['/etc', '.', false],
  ])('%s in %s: %s', (path, folder, answer) => {
    expect(isWithin(path, folder)).toBe(answer)
  })
})

it('folds letter case and the two Unicode forms of a name', () => {
  expect(foldedPath('Caf\u00e9')).toBe(foldedPath('cafe\u0301'))
})
