/** What stands between Jinja's marks. */
export interface Scan {
  /** The insides of `{{ }}` and `{% %}`, not of comments and raw blocks. */
  readonly code: readonly string[]
  /** A mark that is never closed, and its line, from 1. */
  readonly open?: { readonly mark: string; readonly line: number }
}

/** Knows strings and brackets, so that `{{ '{{' }}` and `{{ {'a': {}} }}` end where they do for Jinja. */
export function scan(text: string): Scan {
  const code: string[] = []
  let at = 0
  for (;;) {
    const found = /\{[{%#]/g
    found.lastIndex = at
    const start = found.exec(text)?.index
    if (start === undefined) return { code }
    const mark = text.slice(start, start + 2)
    const end = mark === '{#' ? text.indexOf('#}', start + 2) : closing(text, start + 2, mark === '{{' ? '}}' : '%}')
    if (end === -1) return { code, open: { mark, line: lineAt(text, start) } }
    const inside = text.slice(start + 2, end)
    at = end + 2
    if (mark === '{#') continue
    code.push(inside)
    if (mark !== '{%' || !/^[-+]?\s*raw\s*[-+]?$/.test(inside)) continue
    const raw = /\{%[-+]?\s*endraw\s*[-+]?%\}/g
    raw.lastIndex = at
    if (!raw.exec(text)) return { code, open: { mark: '{% raw', line: lineAt(text, start) } }
    at = raw.lastIndex
  }
}

/** Where the code ends that begins here, or -1. */
function closing(text: string, from: number, mark: string): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const char = text[i] ?? ''
    if (depth === 0 && text.startsWith(mark, i)) return i
    if (char === "'" || char === '"') {
      i = endOfString(text, i)
      if (i === -1) return -1
    } else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char) && depth > 0) depth -= 1
  }
  return -1
}

function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === text[from]) return i
  }
  return -1
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

export function isTemplated(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}

/** The code of a template. With a header that gives other marks, or a mark that is open: all of it. */
export function codeOf(text: string): readonly string[] {
  const { code, open } = scan(text)
  return open || /^#jinja2:/m.test(text) ? [text] : code
}

/** Whatever may be the name of a variable, in any alphabet, also within strings: `lookup('vars', 'x')`. */
export function wordsIn(text: string): readonly string[] {
  return text.match(/[\p{L}_][\p{L}\p{M}\p{N}_]*/gu) ?? []
}

/** Whether variables are reached by names that are made at run time, or those of other hosts. */
export function isIndirect(text: string): boolean {
  return /\b(hostvars|vars|varnames)\b/.test(text) || /\b(lookup|query|q)\s*\(\s*(?!['"])/.test(text)
}

/** The files that code takes in: `{% include 'x' %}`; undefined among them for one whose name is made at run time. */
export function takenIn(code: readonly string[]): readonly (string | undefined)[] {
  return code.flatMap((inside) => {
    const [, rest] = /^[-+]?\s*(?:include|import|extends|from)\b\s*([\s\S]*)/.exec(inside) ?? []
    if (rest === undefined) return []
    const [, , literal] = /^(['"])([^'"]*)\1\s*(?:$|[-+]|import\b|as\b|with\b|without\b|ignore\b)/.exec(rest) ?? []
    return [literal]
  })
}

/** Lookups of which each term is a name of a file; those that look at no file of a role. */
const ofFiles = /(^|\.)(file|template|unvault|fileglob|first_found)$/
const ofNone = /(^|\.)(vars|varnames|env|pipe|url|dict|items|indexed_items|list|password)$/

/** The files that `lookup('file', 'x')` and its kin name; undefined among them for what is made at run time. */
export function lookedUp(text: string): readonly (string | undefined)[] {
  // A single term: behind it stand options at most.
  const calls = text.matchAll(
    /\b(?:lookup|query|q)\s*\(\s*(?:['"]([\w.]+)['"]\s*(?:,\s*(?:(['"])([^'"]*)\2\s*(?=\)|,\s*\w+\s*=))?)?)?/g,
  )
  return [...calls].flatMap(([, plugin = '', , literal]) => {
    if (ofNone.test(plugin)) return []
    return literal === undefined || !ofFiles.test(plugin) || /[*?[]/.test(literal) ? [undefined] : [literal]
  })
}
