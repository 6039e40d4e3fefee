import { describe, expect, it } from 'vitest'
import { globMatcher, isLiteral, literalPattern, splitPattern } from '../../../src/util/patterns.ts'

describe('a pattern', () => {
  it.each([
    ['src/main.c', 'src/main.c', ''],
    ['src/*.c', 'src', '*.c'],
    ['*.c', '.', '*.c'],
    ['**/*.c', '.', '**/*.c'],
    ['src/{a,b}/x', 'src', '{a,b}/x'],
    ['/etc/*.conf', '/etc', '*.conf'],
    ['src/\\[id\\].ts', 'src/[id].ts', ''],
  ])('%s is the folder %s and the glob %s', (pattern, base, glob) => {
    expect(splitPattern(pattern)).toEqual({ base, glob })
  })

  it('of one path is literal, with a glob or a leading ! it is not', () => {
    expect(isLiteral('src/main.c')).toBe(true)
    expect(isLiteral('src/*.c')).toBe(false)
    expect(isLiteral('!src/main.c')).toBe(false)
  })

  it.each([
    'a[1].txt',
    'src/(group)/page.tsx',
    'src/[...rest].ts',
    '!important',
    'a*b',
    '{x}',
    'c++',
    'a\\b',
    '@(x)',
    'what?',
  ])('can be made of any path, which it then names: %s', (path) => {
    expect(isLiteral(literalPattern(path))).toBe(true)
    expect(splitPattern(literalPattern(path))).toEqual({ base: path, glob: '' })
  })
})

describe('a glob', () => {
  it.each([
    ['*.c', 'a.c', true],
    ['*.c', '.a.c', true],
    ['*.c', 'x/a.c', false],
    ['**', '.github/workflows/ci.yml', true],
    ['**/*.c', 'a.c', true],
    ['**/*.{c,h}', 'x/y/a.h', true],
    ['?.c', 'ab.c', false],
    ['[ab].c', 'b.c', true],
  ])('%s against %s: %s', (glob, path, answer) => {
    expect(globMatcher(glob)(path)).toBe(answer)
  })
})

it.each(['**', '*', 'a?b', 'in/**/*.c'])('%s matches names with line breaks', (glob) => {
  const name = glob === 'a?b' ? 'a\nb' : glob.endsWith('.c') ? 'in/f\r\nolder/x\n.c' : 'two\nlines'
  expect(globMatcher(glob)(name)).toBe(true)
})
