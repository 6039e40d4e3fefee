import { describe, expect, it } from 'vitest'
import { MakeSyntaxError, parseMakeRules } from '../../../src/util/make-rules.ts'
import { forSeeds, type Random } from '../../support/random.ts'

/** `targets: prerequisites` of each rule, names in JSON where they are not plain. */
function read(text: string): readonly string[] {
  const names = (list: readonly string[]) => list.map((n) => (/^[\w./]+$/.test(n) ? n : JSON.stringify(n))).join(' ')
  return parseMakeRules(text).map((rule) => `${names(rule.targets)}: ${names(rule.prerequisites)}`.trim())
}

describe('rules as compilers write them', () => {
  it.each<[what: string, text: string, rules: readonly string[]]>([
    ['one rule', 'a.o: a.c inc/a.h\n', ['a.o: a.c inc/a.h']],
    ['without a last newline', 'a.o: a.c', ['a.o: a.c']],
    ['no prerequisites', 'a.o:\n', ['a.o:']],
    ['several targets', 'a.o a.d: a.c\n', ['a.o a.d: a.c']],
    ['several rules', 'a.o: a.c\n\nb.o: b.c\n', ['a.o: a.c', 'b.o: b.c']],
    ['phony targets (-MP)', 'a.o: a.c a.h\na.h:\n', ['a.o: a.c a.h', 'a.h:']],
    ['a continued line', 'a.o: a.c \\\n  a.h \\\n b.h\n', ['a.o: a.c a.h b.h']],
    ['a continuation that parts words', 'a.o: a.c\\\nb.c', ['a.o: a.c b.c']],
    ['a continuation in front of the colon', 'a.o \\\n : a.c', ['a.o: a.c']],
    ['a continuation to a blank line', 'a.o: a.c \\\n\nb.o: b.c', ['a.o: a.c', 'b.o: b.c']],
    ['a continuation by the end', 'a.o: a.c \\', ['a.o: a.c']],
    ['CRLF', 'a.o: a.c \\\r\n a.h\r\nb.o: b.c\r\n', ['a.o: a.c a.h', 'b.o: b.c']],
    ['tabs', 'a.o:\ta.c\t\ta.h\t\n', ['a.o: a.c a.h']],
    ['a space', 'a\\ b.o: c\\ d.h', ['"a b.o": "c d.h"']],
    ['a tab in a name', 'a.o: c\\\td.h', ['a.o: "c\\td.h"']],
    ['a backslash and a space in a name', 'a.o: i\\\\\\ j.h', ['a.o: "i\\\\ j.h"']],
    ['a backslash at the end of a name', 'a.o: a\\\\ b.h', ['a.o: "a\\\\" b.h']],
    ['backslashes elsewhere', 'a.o: g\\h.h \\\\srv\\x.h', ['a.o: "g\\\\h.h" "\\\\\\\\srv\\\\x.h"']],
    ['two backslashes at the end of a line', 'a.o: a\\\\\nb.o: b', ['a.o: "a\\\\\\\\"', 'b.o: b']],
    ['a sharp', 'a.o: c\\#d.h', ['a.o: "c#d.h"']],
    ['a backslash and a sharp, as gcc writes it', 'a.o: k\\\\#l.h', ['a.o: "k\\\\#l.h"']],
    ['a dollar', 'a.o: e$$f.h $$$$', ['a.o: "e$f.h" "$$"']],
    ['a colon inside a name', 'o:b.o: m:n.h q:.h', ['"o:b.o": "m:n.h" "q:.h"']],
    ['an escaped colon', 'o\\:b.o: m\\:n.h', ['"o:b.o": "m:n.h"']],
    ['no white space behind the colon', 'a.o:a.c a.h', ['a.o: a.c a.h']],
    ['white space in front of the colon', 'a.o : a.c', ['a.o: a.c']],
    ['two colons', 'a.o:: a.c\nb.o::b.c', ['a.o: a.c', 'b.o: b.c']],
    ['an escaped colon behind the colon', 'a.o:\\:b\nb.o\\::\\:', ['a.o: ":b"', '"b.o:": ":"']],
    ['grouped targets', 'a b &: c', ['a b: c']],
    ['comments', '# env-dep:X=1\na.o: a.c # b.c \\\n c.c\nb.o: b.c\n', ['a.o: a.c', 'b.o: b.c']],
    ['other signs', "a.o: ;r=s|%~*é'(x)[y]{z}", [`a.o: ";r=s|%~*é'(x)[y]{z}"`]],
    ['nothing', '', []],
    ['white space alone', ' \n\t\n\r\n', []],
  ])('%s', (_what, text, rules) => {
    expect(read(text)).toEqual(rules)
  })

  it('know their lines', () => {
    expect(parseMakeRules('\na: b \\\n c\n\nd: e').map(({ line }) => line)).toEqual([2, 5])
    expect(parseMakeRules(' \\\na: b').map(({ line }) => line)).toEqual([2])
  })
})

describe('what only Make could tell the meaning of is an error with its line', () => {
  it.each<[text: string, line: number, what: string]>([
    ['a: b\nno rule here\n', 2, 'no rule: there is no colon'],
    ['a: b \\\n c \\\n $(D)/x.h\n', 3, 'a variable, which only Make could expand'],
    ['a: b$', 1, 'a variable, which only Make could expand'],
    ['a: b\n\tcc -c b\n', 2, 'a recipe, which only Make could run'],
    [': b', 1, 'a rule without a target'],
    ['x: y\n: b', 2, 'a rule without a target'],
    ['a: \\\n b: c', 2, 'a second colon, after b'],
    ['a: b\n\0\0\0', 2, 'bytes that are no text in UTF-8'],
    ['a: b\ufffd', 1, 'bytes that are no text in UTF-8'],
  ])('%j', (text, line, what) => {
    try {
      parseMakeRules(text)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof MakeSyntaxError)) throw error
      expect([error.line, error.message]).toEqual([line, what])
    }
  })
})

const signs = ['a', 'b', '.', '/', ' ', '\t', '#', '$', '\\', ':', '%', ';', '=', '|', 'é', '~', '*']

/** No name ends with a backslash or a colon: compilers write those so that nobody can read them. */
function randomName(random: Random, colons: boolean): string {
  const name = `${Array.from({ length: random.int(8) }, () => random.pick(signs)).join('')}x`
  return colons ? name : name.replace(/\\+:/g, ':')
}

/** As gcc does it. Newer versions escape colons, too; what older ones write of a backslash and a colon is ambiguous. */
function written(name: string, colons: boolean): string {
  const escaped = name
    .replace(/(\\*)([ \t])/g, '$1$1\\$2')
    .replace(/#/g, '\\#')
    .replace(/\$/g, '$$$$')
  return colons ? escaped.replace(/:/g, '\\:') : escaped
}

describe('for any names', () => {
  it('what was written is read', async () => {
    await forSeeds(3000, (random) => {
      const colons = random.chance(0.5)
      const newline = random.pick(['\n', '\r\n'])
      const gap = () => random.pick([' ', '  ', '\t', ` \\${newline} `, ` \\${newline}`])
      const list = (least: number) => Array.from({ length: least + random.int(4) }, () => randomName(random, colons))
      const rules = Array.from({ length: random.int(4) }, () => ({ targets: list(1), prerequisites: list(0) }))
      const text = rules.map(({ targets, prerequisites }) => {
        const comment = random.chance(0.2) ? ` # it's: $(all) one${newline}` : newline
        const left = targets.map((name) => written(name, colons)).join(gap())
        return `${left}:${prerequisites.map((name) => gap() + written(name, colons)).join('')}${comment}`
      })
      const read = parseMakeRules(text.join(''))
      expect(read.map(({ targets, prerequisites }) => ({ targets, prerequisites }))).toEqual(rules)
    })
  })

  it('any text at all is rules or an error with a line that the text has', async () => {
    await forSeeds(3000, (random) => {
      const some = [...signs, '\n', '\n', '\\\n', '\r\n', ': ', '&:', '::', ' \\\n ']
      const text = Array.from({ length: random.int(30) }, () => random.pick(some)).join('')
      try {
        for (const { line, targets, prerequisites } of parseMakeRules(text)) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect([...targets, ...prerequisites]).not.toContain('')
        }
      } catch (error) {
        if (!(error instanceof MakeSyntaxError)) throw error
        expect(error.line).toBeGreaterThan(0)
        expect(error.line).toBeLessThanOrEqual(text.split('\n').length)
      }
    })
  })
})
