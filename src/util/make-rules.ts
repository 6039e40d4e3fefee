/** One rule of a makefile, as a compiler writes it with `-MMD -MF`. Paths are as written, escapes undone. */
export interface MakeRule {
  readonly targets: readonly string[]
  readonly prerequisites: readonly string[]
  /** Where it begins; the first line is 1. */
  readonly line: number
}

/** Why a text is not plain rules, and in which line. */
export class MakeSyntaxError extends Error {
  readonly line: number
  constructor(line: number, what: string) {
    super(what)
    this.line = line
  }
}

/**
 * The rules in a text, nothing evaluated: targets, a colon, prerequisites; comments; lines continued by a backslash.
 * Escapes are those that compilers write: `\ ` (backslashes before white space count double), `\#`, `\:` and `$$`.
 * A colon that no white space follows is part of a name where another one can end the targets. What only Make could
 * tell the meaning of (variables, recipes, static patterns) is an error: to pass over it might lose a path.
 */
export function parseMakeRules(text: string): readonly MakeRule[] {
  const strange = /[\0\ufffd]/.exec(text)
  if (strange) {
    throw new MakeSyntaxError(text.slice(0, strange.index).split('\n').length, 'bytes that are no text in UTF-8')
  }
  return [...logicalLines(text)].flatMap((line) => ruleOf(line) ?? [])
}

interface LogicalLine {
  readonly text: string
  /** Offsets at which the physical lines begin that it was put together from. */
  readonly starts: readonly number[]
  readonly first: number
}

function* logicalLines(text: string): Generator<LogicalLine> {
  const physical = text.split(/\r?\n/)
  for (let i = 0; i < physical.length; ) {
    const first = i + 1
    const starts = [0]
    let joined = physical[i] ?? ''
    for (i += 1; i < physical.length && endsContinued(joined); i += 1) {
      joined = `${joined.slice(0, -1)} `
      starts.push(joined.length)
      joined += physical[i] ?? ''
    }
    // Continued by the end of the text.
    if (endsContinued(joined)) joined = joined.slice(0, -1)
    yield { text: joined, starts, first }
  }
}

/** Two backslashes are two backslashes. */
function endsContinued(text: string): boolean {
  return (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1
}

function lineAt({ starts, first }: LogicalLine, at: number): number {
  return first + starts.findLastIndex((start) => start <= at)
}

interface Word {
  readonly text: string
  readonly at: number
  /** Where in `text` the first colon is that is not escaped, and whether it is one or two. */
  readonly colon: Span | undefined
  /** How many such colons are at the end. */
  readonly ends: number
}

interface Span {
  readonly at: number
  readonly length: number
}

function ruleOf(line: LogicalLine): MakeRule | undefined {
  const words = [...wordsOf(line)]
  const [first] = words
  if (!first) return undefined
  if (line.text.startsWith('\t')) throw new MakeSyntaxError(line.first, 'a recipe, which only Make could run')
  const at = words.findIndex(({ ends }) => ends > 0)
  const { targets, prerequisites } = at === -1 ? splitInside(line, words) : splitBehind(words, at)
  const names = targets.filter((name) => name !== '' && name !== '&')
  if (names.length === 0) throw new MakeSyntaxError(lineAt(line, first.at), 'a rule without a target')
  const second = prerequisites.find(({ ends }) => ends > 0)
  if (second)
    throw new MakeSyntaxError(lineAt(line, second.at), `a second colon, after ${second.text.slice(0, -second.ends)}`)
  return { targets: names, prerequisites: prerequisites.map((word) => word.text), line: lineAt(line, first.at) }
}

interface Split {
  readonly targets: readonly string[]
  readonly prerequisites: readonly Word[]
}

function splitBehind(words: readonly Word[], at: number): Split {
  const targets = words.slice(0, at + 1).map(({ text, ends }) => text.slice(0, text.length - ends))
  return { targets, prerequisites: words.slice(at + 1) }
}

/** `a.o:b.h` without white space. */
function splitInside(line: LogicalLine, words: readonly Word[]): Split {
  const at = words.findIndex(({ colon }) => colon)
  const word = words[at]
  if (!word?.colon) throw new MakeSyntaxError(lineAt(line, words[0]?.at ?? 0), 'no rule: there is no colon')
  const targets = [...words.slice(0, at).map(({ text }) => text), word.text.slice(0, word.colon.at)]
  const text = word.text.slice(word.colon.at + word.colon.length)
  return { targets, prerequisites: [{ text, at: word.at, colon: undefined, ends: 0 }, ...words.slice(at + 1)] }
}

const piece =
  /(?<slashes>\\+)(?<next>[ \t#:]?)|(?<dollar>\$\$?)|(?<space>[ \t]+)|(?<sharp>#)|(?<colon>::?)|[^\\$ \t#:]+/g

function* wordsOf(line: LogicalLine): Generator<Word> {
  const { text } = line
  let word: { text: string; at: number; colon: Span | undefined; ends: number } | undefined
  for (const { 0: all, index, groups = {} } of text.matchAll(piece)) {
    if (groups['sharp'] !== undefined) break
    const { slashes, next = '', dollar, space, colon } = groups
    const n = slashes?.length ?? 0
    // An even number in front of white space: half of them, and the word is at its end.
    const isEnd = space !== undefined || (n % 2 === 0 && n > 0 && (next === ' ' || next === '\t'))
    if (space === undefined) {
      word ??= { text: '', at: index, colon: undefined, ends: 0 }
      if (colon !== undefined) word.colon ??= { at: word.text.length, length: colon.length }
      word.ends = colon?.length ?? 0
      if (dollar === '$') throw new MakeSyntaxError(lineAt(line, index), 'a variable, which only Make could expand')
      word.text += slashes === undefined ? (dollar === undefined ? all : '$') : unescaped(n, next)
    }
    if (isEnd && word) {
      yield word
      word = undefined
    }
  }
  if (word) yield word
}

function unescaped(slashes: number, next: string): string {
  switch (next) {
    case '':
      return '\\'.repeat(slashes)
    case ' ':
    case '\t':
      return '\\'.repeat(slashes >> 1) + (slashes % 2 === 1 ? next : '')
    default:
      // As compilers write it: one backslash for the sign, those before it are the name's own.
      return '\\'.repeat(slashes - 1) + next
  }
}
