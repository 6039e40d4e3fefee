import { LakituError } from '../model/error.ts'
import type { Sha256 } from '../util/digest.ts'
import { folderVariable, shownUrl } from './places.ts'

export interface Missing {
  readonly url: string
  readonly sha256?: Sha256 | undefined
  readonly size?: number | undefined
  /** The file that it would be in the cache, where that is known. */
  readonly file?: string
}

/** Not there, and no request may be made: says all that it takes to bring it by hand. */
export function offlineError({ url, sha256, size, file }: Missing): LakituError {
  const byHand = file === undefined ? '' : `, or put that very content at\n${file}`
  return new LakituError({
    code: 'E_OFFLINE',
    headline: 'This is not in the cache of downloads, and --offline allows no request',
    facts: { url: shownUrl(url), sha256, size: size === undefined ? undefined : `${size} B`, file },
    next: `Run once with a network and without --offline${byHand}`,
    family: 'world',
  })
}

/** What the cache cannot answer. */
export function offlineAsked(what: string, url: string): LakituError {
  return new LakituError({
    code: 'E_OFFLINE',
    headline: `${what}, and --offline allows no request`,
    facts: { url: shownUrl(url) },
    next: 'Run it without --offline.',
    family: 'world',
  })
}

export function offlineKept(name: string, folder: string): LakituError {
  return new LakituError({
    code: 'E_OFFLINE',
    headline: `${name} is not in the cache of downloads, and --offline allows no request`,
    facts: { folder },
    next: 'Run once with a network and without --offline.',
    family: 'world',
  })
}

export function badName(name: string): LakituError {
  return new LakituError({
    code: 'E_KEPT_NAME',
    headline: `${JSON.stringify(name)} is no name for a folder that is kept`,
    next: 'Take parts of letters, digits and ._+- with / between them, such as wheels/ab12cd; none may begin with a dot, be `files` or end in `.new`.',
    family: 'usage',
  })
}

export function notKept(name: string, path: string): LakituError {
  return new LakituError({
    code: 'E_KEPT_KIND',
    headline: `What is to be kept as ${name} holds something that is no file, folder or link`,
    facts: { path },
    next: 'Leave pipes, sockets and devices out of it.',
  })
}

export function wrongSize(url: string, expected: number, actual: number): LakituError {
  return new LakituError({
    code: 'E_WRONG_SIZE',
    headline: 'The content with this sum does not have the size that it must have',
    facts: { url: shownUrl(url), expected: `${expected} B`, actual: `${actual} B` },
    next: 'Correct the size or the sum: they belong to different contents.',
  })
}

const blocked = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'E_IN_THE_WAY']

/** Says which folder cannot be used, where that is why something failed. */
export function folderError(folder: string, isNamed: boolean, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!blocked.includes(code) || !(error instanceof Error)) return error
  const other = isNamed ? `, or let ${folderVariable} name another one` : ''
  return new LakituError({
    code: 'E_DOWNLOADS_FOLDER',
    headline: 'The cache of downloads cannot be written',
    facts: { folder, reason: error.message },
    next: `Make it a folder that this user may write to${other}.`,
    family: 'world',
    cause: error,
  })
}
