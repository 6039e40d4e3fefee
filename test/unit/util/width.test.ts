import { expect, test } from 'vitest'
import { cut, pad, plain, visible, visibleLines, width } from '../../../src/util/width.ts'

test.each([
  ['abc', 3],
  ['', 0],
  ['ÄÖ', 2],
  ['日本', 4],
  ['e\u0301', 1],
  ['👍', 2],
  ['\u001b[31mred\u001b[0m', 3],
  ['─✔…', 3],
])('the width of %j', (text, columns) => {
  expect(width(text)).toBe(columns)
})

test('cut to a width', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdef', 4)).toBe('abc…')
  expect(cut('ab cdef', 4)).toBe('ab…')
  expect(cut('日本語', 4)).toBe('日…')
  expect(cut('abc', 1)).toBe('…')
  expect(cut('abc', 0)).toBe('')
})

test('filled to a width', () => {
  expect(pad('日', 4)).toBe('日  ')
  expect(pad('abc', 2)).toBe('abc')
})

test('what a page would show of a line', () => {
  expect(plain('\u001b[1;32mok\u001b[0m: \u001b[Khost')).toBe('ok: host')
  expect(plain(' 1%\r 50%\r100%\r')).toBe('100%')
  expect(plain('a\tb\u0007\u0000')).toBe('a  b')
  expect(plain('a\nb')).toBe('a b')
})

test('a name is shown as it is, and not obeyed', () => {
  expect(visible('caf\u00e9 \u001b[31mred\u0007 \u009b1m')).toBe('caf\u00e9 \\u001b[31mred\\u0007 \\u009b1m')
  expect([visible('two\nlines\tand\r'), visibleLines('two\nlines\tand\r')]).toEqual([
    'two\\nlines\\tand\\u000d',
    'two\nlines\tand\\u000d',
  ])
})
