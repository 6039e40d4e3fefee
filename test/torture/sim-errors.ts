interface Placed {
  readonly kind: string
  readonly entries: ReadonlyMap<string, unknown>
  readonly text: string
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path })
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Why one cannot be renamed over the other. */
export function refusedRename(inode: Placed, there: Placed | undefined): string | undefined {
  if (!there || there === inode) return undefined
  if (inode.kind !== 'folder') return there.kind === 'folder' ? 'EISDIR' : undefined
  if (there.kind !== 'folder') return 'ENOTDIR'
  return there.entries.size > 0 ? 'ENOTEMPTY' : undefined
}

export function linkText(inode: Placed | undefined, path: string): string {
  if (inode?.kind === 'link') return inode.text
  throw failure(inode ? 'EINVAL' : 'ENOENT', path)
}
