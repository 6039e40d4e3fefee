import { stripVTControlCharacters } from 'node:util'

/** Characters that take two columns on a terminal: East Asian wide and full-width forms, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** Characters that take none: combining marks (variation selectors too) and joiners. */
const zero = /\p{Mn}|\p{Me}|[\u200b-\u200f]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is its purpose
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Columns that the text takes on a terminal; escape sequences take none. */
export function width(text: string): number {
  const bare = stripVTControlCharacters(text)
  let columns = 0
  for (const char of bare) columns += charWidth(char)
  return columns
}

function charWidth(char: string): number {
  if (char < '\u0300') return 1
  return zero.test(char) ? 0 : wide.test(char) ? 2 : 1
}

/** The text where it fits, else its beginning with `…`. For text without escape sequences. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let kept = ''
  let used = 1
  for (const char of text) {
    used += charWidth(char)
    if (used > columns) break
    kept += char
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`
}

/** Fills up to so many columns with blanks on the right. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/**
 * A line of a program as it would stand on a page: no colours, no cursor movements, of a line that was overwritten
 * (`\r`, as progress bars do) only what is seen at the end.
 */
export function plain(line: string): string {
  const seen = stripVTControlCharacters(line).replace(/\r+$/, '')
  return seen
    .slice(seen.lastIndexOf('\r') + 1)
    .replaceAll('\t', '  ')
    .replaceAll('\n', ' ')
    .replace(control, '')
}

/**
 * Text of a name, which may hold anything, such that a terminal shows it and does not obey it: control characters as JSON escapes
 * them, line breaks and tabs too.
 */
export function visible(text: string): string {
  return visibleLines(text).replaceAll('\t', '\\t').replaceAll('\n', '\\n')
}

/** The same, but line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(control, escaped)
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
