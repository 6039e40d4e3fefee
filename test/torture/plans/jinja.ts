/** As much of Jinja as the random playbooks use, evaluated slowly and by the book. Own code on purpose: the index must not check itself. */
import type { Value } from './values.ts'

/** What a text can reach. `value` throws where nothing is defined. */
export interface Scope {
  has(name: string): boolean
  value(name: string): Value
  /** `hostvars[host].name`; undefined where that host has none. */
  ofHost(host: string, name: string): Value | undefined
  /** The text of a template that is included or looked up, not yet rendered. */
  text(folder: 'templates' | 'files', name: string): string
}

export class Undefined extends Error {}

const missing = Symbol('undefined')
type Found = Value | typeof missing | { readonly hostvars: string | undefined }

/** A value of a variable or an argument: texts in it are rendered, a text that is one expression keeps its type. */
export function resolve(value: Value, scope: Scope): Value {
  if (typeof value === 'string') {
    const [, whole] = /^\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value) ?? []
    return whole === undefined ? (value.includes('{') ? render(value, scope) : value) : evaluate(whole, scope)
  }
  if (Array.isArray(value)) return value.map((one: Value) => resolve(one, scope))
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, scope)]))
  }
  return value
}

export function evaluate(text: string, scope: Scope): Value {
  const found = new Expression(text, scope).whole()
  if (found === missing) throw new Undefined(`undefined in ${text}`)
  return plain(found)
}

export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== '' && value !== 0 && value !== false
}

function plain(found: Found): Value {
  if (found === missing || isHostvars(found)) throw new Undefined('not a value')
  return found
}

function isHostvars(found: Found): found is { readonly hostvars: string | undefined } {
  return typeof found === 'object' && found !== null && !Array.isArray(found) && 'hostvars' in found
}

function shown(value: Value): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new Error('the random playbooks render no lists')
}

type Piece = { readonly kind: 'text' | 'put' | 'do'; readonly text: string }

function pieces(text: string): Piece[] {
  const found: Piece[] = []
  const parts = /\{#.*?#\}\n?|\{\{(.*?)\}\}|\{%-?(.*?)-?%\}\n?/gs
  let end = 0
  for (const match of text.matchAll(parts)) {
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) })
    if (match[1] !== undefined) found.push({ kind: 'put', text: match[1] })
    if (match[2] !== undefined) found.push({ kind: 'do', text: match[2].trim() })
    end = match.index + match[0].length
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) })
  return found
}

/** Of a template's own file: the newlines at its end are kept, also behind a statement. */
export function renderFile(text: string, scope: Scope): string {
  const out = render(text, scope)
  const newlines = (of: string) => of.length - of.replace(/\n+$/, '').length
  return out + '\n'.repeat(Math.max(0, newlines(text) - newlines(out)))
}

export function render(text: string, scope: Scope): string {
  const all = pieces(text)
  const [out, end] = section(all, 0, scope, true)
  if (end !== all.length) throw new Error(`unbalanced ${all[end]?.text}`)
  return out
}

/** Renders until the end, or an `else` or `end…` that is not its own. */
function section(all: readonly Piece[], from: number, scope: Scope, live: boolean): readonly [string, number] {
  let [out, i] = ['', from]
  while (i < all.length) {
    const piece = all[i]
    if (!piece) break
    if (piece.kind === 'text') out += live ? piece.text : ''
    else if (piece.kind === 'put') out += live ? shown(evaluate(piece.text, scope)) : ''
    else if (/^(else|end)/.test(piece.text)) break
    else {
      const [done, next] = statement(all, i, scope, live)
      out += done
      i = next
    }
    i += 1
  }
  return [out, i]
}

/** Answers what it renders to, and the piece that ends it. */
function statement(all: readonly Piece[], at: number, scope: Scope, live: boolean): readonly [string, number] {
  const text = all[at]?.text ?? ''
  const [, included] = /^include '([^']+)'$/.exec(text) ?? []
  if (included !== undefined)
    return [live ? render(scope.text('templates', included), scope).replace(/\n$/, '') : '', at]
  const [, condition] = /^if (.*)$/s.exec(text) ?? []
  if (condition !== undefined) {
    const yes = live && isTrue(evaluate(condition, scope))
    const [then, middle] = section(all, at + 1, scope, yes)
    if (all[middle]?.text !== 'else') return [then, middle]
    const [other, end] = section(all, middle + 1, scope, live && !yes)
    return [then + other, end]
  }
  const [, name, items] = /^for (\w+) in (.*)$/s.exec(text) ?? []
  if (name === undefined || items === undefined) throw new Error(`unknown {% ${text} %}`)
  const list = live ? evaluate(items, scope) : []
  if (!Array.isArray(list)) throw new Error(`not a list: ${items}`)
  const turns = list.map((item: Value) => section(all, at + 1, withLocal(scope, name, item), live)[0])
  return [turns.join(''), section(all, at + 1, scope, false)[1]]
}

export function withLocal(scope: Scope, name: string, value: Value): Scope {
  return {
    has: (other) => other === name || scope.has(other),
    value: (other) => (other === name ? value : scope.value(other)),
    ofHost: (host, other) => scope.ofHost(host, other),
    text: (folder, file) => scope.text(folder, file),
  }
}

const tokens = /\s*('[^']*'|"[^"]*"|\d+|\w+|==|!=|[()[\].,|~])/gy

const split = new Map<string, readonly string[]>()

function wordsOf(text: string): readonly string[] {
  const before = split.get(text)
  if (before) return before
  const words = [...text.trim().matchAll(tokens)].map((match) => match[1] ?? '')
  if (words.join('').length !== text.replace(/('[^']*'|"[^"]*")|\s+/g, '$1').length)
    throw new Error(`cannot read ${text}`)
  split.set(text, words)
  return words
}

class Expression {
  private readonly words: readonly string[]
  private readonly scope: Scope
  private at = 0

  constructor(text: string, scope: Scope) {
    this.words = wordsOf(text)
    this.scope = scope
  }

  whole(): Found {
    const found = this.or()
    if (this.at < this.words.length) throw new Error(`left over: ${this.words.slice(this.at).join(' ')}`)
    return found
  }

  private next(...wanted: readonly string[]): boolean {
    const yes = wanted.every((word, i) => this.words[this.at + i] === word)
    if (yes) this.at += wanted.length
    return yes
  }

  private must(word: string): void {
    if (!this.next(word)) throw new Error(`no ${word} in ${this.words.join(' ')}`)
  }

  /** What is not reached is not evaluated: `x is defined and x.changed`. */
  private or(): Found {
    let left = this.and()
    while (this.next('or')) left = this.second(left, isTrue(plain(left)), () => this.and())
    return left
  }

  private and(): Found {
    let left = this.not()
    while (this.next('and')) left = this.second(left, !isTrue(plain(left)), () => this.not())
    return left
  }

  private second(left: Found, done: boolean, read: () => Found): Found {
    try {
      const right = read()
      return done ? left : right
    } catch (error) {
      if (done && error instanceof Undefined) return left
      throw error
    }
  }

  private not(): Found {
    if (this.next('not')) return !isTrue(plain(this.not()))
    return this.compared()
  }

  private compared(): Found {
    const left = this.joined()
    if (this.next('is', 'not', 'defined')) return left === missing
    if (this.next('is', 'defined')) return left !== missing
    if (this.next('==')) return plain(left) === plain(this.joined())
    if (this.next('!=')) return plain(left) !== plain(this.joined())
    if (this.next('not', 'in')) return !contains(plain(this.joined()), plain(left))
    if (this.next('in')) return contains(plain(this.joined()), plain(left))
    return left
  }

  private joined(): Found {
    let left = this.filtered()
    while (this.next('~')) left = shown(plain(left)) + shown(plain(this.filtered()))
    return left
  }

  private filtered(): Found {
    let left = this.reached()
    while (this.next('|')) {
      if (this.next('default', '(')) {
        const other = this.or()
        this.must(')')
        left = left === missing ? other : left
      } else if (this.next('join', '(')) {
        const by = String(plain(this.or()))
        this.must(')')
        const list = plain(left)
        if (!Array.isArray(list)) throw new Error('join of no list')
        left = list.map(shown).join(by)
      } else {
        this.must('upper')
        left = shown(plain(left)).toUpperCase()
      }
    }
    return left
  }

  private reached(): Found {
    let found = this.atom()
    for (;;) {
      if (this.next('.')) found = this.member(found, this.words[this.at++] ?? '')
      else if (this.next('[')) {
        found = this.member(found, shown(plain(this.or())))
        this.must(']')
      } else return found
    }
  }

  private member(of: Found, key: string): Found {
    if (of === missing) throw new Undefined(`${key} of what is undefined`)
    if (isHostvars(of)) {
      return of.hostvars === undefined ? { hostvars: key } : (this.scope.ofHost(of.hostvars, key) ?? missing)
    }
    if (of === null || typeof of !== 'object') return missing
    return Object.entries(of).find(([name]) => name === key)?.[1] ?? missing
  }

  private atom(): Found {
    const word = this.words[this.at++] ?? ''
    if (/^['"]/.test(word)) return word.slice(1, -1)
    if (/^\d+$/.test(word)) return Number(word)
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === '(') {
      const inner = this.or()
      this.must(')')
      return inner
    }
    if (word === 'lookup') return this.lookup()
    if (word === 'hostvars') return { hostvars: undefined }
    return this.scope.has(word) ? this.scope.value(word) : missing
  }

  private lookup(): Found {
    this.must('(')
    const kind = String(plain(this.or()))
    this.must(',')
    const name = String(plain(this.or()))
    this.must(')')
    if (kind === 'file') return this.scope.text('files', name).trimEnd()
    if (kind === 'vars') return this.scope.has(name) ? this.scope.value(name) : missing
    return renderFile(this.scope.text('templates', name), this.scope)
  }
}

function contains(list: Value, item: Value): boolean {
  if (typeof list === 'string') return list.includes(String(item))
  return Array.isArray(list) && list.includes(item)
}
