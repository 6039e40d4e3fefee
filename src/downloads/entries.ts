import type { Disk } from '../ports/disk.ts'
import type { Validator } from '../ports/http.ts'
import { replaceFile } from '../state/replace.ts'
import { parseSha256, type Sha256 } from '../util/digest.ts'

/** For whom something is in the cache. */
export interface Use {
  /** Root of the project. */
  readonly project: string
  readonly task: string
  readonly about: string
}

/** What is known of a content beside what it holds: words for people, decides nothing. */
export interface ContentEntry {
  readonly urls: readonly string[]
  /** In ms since the epoch; undefined where somebody put it there. */
  readonly fetched: number | undefined
  /** The last use first. */
  readonly uses: readonly Use[]
}

/** What an address led to. */
export interface AddressEntry {
  readonly url: string
  readonly sha256: Sha256
  readonly size: number
  readonly validator: Validator
  /** When the server last said so, in ms since the epoch. */
  readonly at: number
}

const mostUses = 16

type Json = Readonly<Record<string, unknown>>

/** The object in a JSON file; undefined for whatever else is there: zeros after a power cut, a folder, nothing. */
export function readJson(disk: Disk, path: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(disk.read(path)?.toString() ?? '')
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whole or not at all; on a disk that refuses it is left out, as it decides nothing. */
export function writeWords(disk: Disk, path: string, value: object): void {
  try {
    replaceFile(disk, path, `${JSON.stringify(value, null, 2)}\n`)
  } catch {
    // A cache that may only be read can be used all the same.
  }
}

export function readContent(disk: Disk, path: string): ContentEntry {
  const { urls, fetched, uses } = readJson(disk, path) ?? {}
  return {
    urls: Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [],
    fetched: typeof fetched === 'number' ? fetched : undefined,
    uses: readUses(uses),
  }
}

export function readUses(value: unknown): readonly Use[] {
  return Array.isArray(value) ? value.filter(isUse) : []
}

function isUse(value: unknown): value is Use {
  return isObject(value) && [value['project'], value['task'], value['about']].every((word) => typeof word === 'string')
}

/** This one first. */
export function withUse(uses: readonly Use[], use: Use): readonly Use[] {
  const others = uses.filter(({ project, task, about }) => {
    return project !== use.project || task !== use.task || about !== use.about
  })
  return [use, ...others].slice(0, mostUses)
}

export function readAddress(disk: Disk, path: string): AddressEntry | undefined {
  const { url, sha256, size, etag, lastModified, at } = readJson(disk, path) ?? {}
  const sum = typeof sha256 === 'string' ? parseSha256(sha256) : undefined
  if (sum === undefined || typeof url !== 'string' || typeof size !== 'number' || typeof at !== 'number')
    return undefined
  const validator = {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof lastModified === 'string' ? { lastModified } : {}),
  }
  return { url, sha256: sum, size, validator, at }
}

export function writeAddress(disk: Disk, path: string, { validator, ...entry }: AddressEntry): void {
  writeWords(disk, path, { ...entry, ...validator })
}
