import { isAbsolute, join, normalize, posix, relative, resolve, sep } from 'node:path'

/**
 * How a path stands in facts, records and messages: relative to the project's root with forward slashes,
 * or absolute where it lies outside.
 */
export type TreePath = string & { readonly __brand: 'TreePath' }

/** Brings what a user wrote (`./a/../b`, `/abs/root/b`) to the one form in which paths are compared. */
export function treePath(root: string, path: string): TreePath {
  const absolute = isAbsolute(path) ? normalize(path) : join(root, path)
  const inside = relative(root, absolute)
  const outside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)
  const text = outside ? absolute : inside === '' ? '.' : inside
  const slashed = sep === '/' ? text : text.split(sep).join('/')
  return (slashed.length > 1 && slashed.endsWith('/') ? slashed.slice(0, -1) : slashed) as TreePath
}

/** Where a tree path is on disk. */
export function onDisk(root: string, path: TreePath): string {
  return resolve(root, path)
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '.' ? !posix.isAbsolute(path) : path === folder || path.startsWith(`${folder}/`)
}

/** The form in which two paths clash on a disk that folds case or normalizes Unicode. */
export function foldedPath(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** A module's URL without its query: a watch adds the generation there. */
export function plainUrl(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
