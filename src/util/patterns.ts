import picomatch from 'picomatch'

/** The literal folder (or path) in front of a glob, and the glob relative to it; a literal path has no glob. */
export function splitPattern(pattern: string): { readonly base: string; readonly glob: string } {
  const { base, glob } = picomatch.scan(pattern)
  return { base: base === '' ? '.' : base.replace(/\\(.)/g, '$1'), glob: glob ?? '' }
}

/** Whether the pattern names one path. */
export function isLiteral(pattern: string): boolean {
  return !pattern.startsWith('!') && splitPattern(pattern).glob === ''
}

/** Matches paths relative to the glob's base; names that begin with a dot count. */
export function globMatcher(glob: string): (path: string) => boolean {
  const match = picomatch(glob, { dot: true })
  // What it takes beside the path must not come from whoever maps over a list.
  return (path) => match(path)
}

/** Matches whole paths as written; `./` in front does not count. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  return globMatcher(pattern.replace(/^(?:\.\/)+/, ''))
}

/** The pattern that names just this path, whatever characters are in it. */
export function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&')
}
