import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { LockOwner } from '../ports/locks.ts'
import { besideEnding } from '../state/replace.ts'
import type { Sha256 } from '../util/digest.ts'
import { parseSha256 } from '../util/digest.ts'
import type { Cache } from './cache.ts'
import { type ContentEntry, readAddress, readContent, readJson, readUses, type Use } from './entries.ts'
import { readManifest, sizeOf } from './manifest.ts'
import { keptKey } from './places.ts'

/** So much of the limit is used at most after an eviction, so that the next one is not due at once. */
const goal = 0.8
/** 10 GiB. */
export const defaultDownloadLimit = 10 * 2 ** 30
const day = 24 * 60 * 60 * 1000
/** How long the beginning of a download waits for somebody who goes on with it. */
const partialAge = 7 * day

interface Sized {
  /** In bytes. */
  readonly size: number
  /** Last use, in ms since the epoch. */
  readonly used: number
}

export interface StoredContent extends Sized, ContentEntry {
  readonly sha256: Sha256
}

export interface StoredFolder extends Sized {
  readonly name: string
  readonly files: number
  readonly uses: readonly Use[]
}

export interface StoredPartial extends Sized {
  readonly key: Sha256
}

/** All that is in a cache of downloads. */
export interface Survey {
  readonly folder: string
  /** In bytes. */
  readonly size: number
  readonly downloads: readonly StoredContent[]
  readonly kept: readonly StoredFolder[]
  readonly partial: readonly StoredPartial[]
}

export interface Evicted {
  /** In bytes. */
  readonly won: number
  readonly left: number
  /** How many downloads, folders and beginnings went. */
  readonly gone: number
}

/** Looks at names and entries, and changes nothing; whether contents are right is known when they are used. */
export function survey(cache: Cache): Survey {
  const downloads = contentsIn(cache)
  const kept = keptIn(cache, '')
  const partial = partialsIn(cache)
  const size = [...downloads, ...kept, ...partial].reduce((sum, one) => sum + one.size, 0)
  return { folder: cache.places.folder, size, downloads, kept, partial }
}

interface Victim extends Sized {
  readonly key: Sha256
  /** The file without which it is not there, where some use it without its lock. */
  readonly decisive?: string
  remove(): void
}

/** Brings it below its limit; beginnings that nobody went on with for a week go in any case. */
export function evict(cache: Cache, limit: number): Evicted {
  const { clock } = cache.ports
  const owner = cache.owner('cache')
  const { downloads, kept, partial, size } = survey(cache)
  let [won, gone] = [0, 0]
  const drop = (victim: Victim) => {
    if (!isDropped(cache, victim, owner)) return
    won += victim.size
    gone += 1
  }
  for (const one of partial) {
    if (clock.now() - one.used >= partialAge) drop({ ...one, remove: () => dropPartial(cache, one.key) })
  }
  const victims: readonly Victim[] = [
    ...downloads.map((one) => {
      const decisive = cache.places.content(one.sha256)
      return { ...one, key: one.sha256, decisive, remove: () => dropContent(cache, one.sha256) }
    }),
    ...kept.map((one) => {
      const decisive = cache.places.kept(one.name).manifest
      return { ...one, key: keptKey(one.name), decisive, remove: () => dropKept(cache, one.name) }
    }),
  ]
  if (size - won > limit) {
    for (const victim of victims.toSorted((a, b) => a.used - b.used)) {
      if (size - won <= limit * goal) break
      drop(victim)
    }
  }
  sweep(cache)
  sweepPartials(cache, owner)
  sweepKept(cache, owner, '')
  return { won, left: size - won, gone }
}

function isDropped(cache: Cache, { key, decisive, remove }: Victim, owner: LockOwner): boolean {
  const isUsed = () => cache.uses.inUse(owner).has(key)
  if (isUsed()) return false
  const held = cache.lock(key, owner)
  // Somebody is about to use it.
  if (!held) return false
  try {
    if (decisive !== undefined && !isOutOfTheWay(cache, decisive, isUsed)) return false
    remove()
    return true
  } finally {
    held.release()
  }
}

/**
 * Moves it first, and looks at its users again: who marked it before that may have seen it, and gets it back; who marks it from now on finds
 * it gone.
 */
function isOutOfTheWay({ ports: { disk } }: Cache, decisive: string, isUsed: () => boolean): boolean {
  if (!disk.identity(decisive)) return true
  const aside = `${decisive}.${randomUUID().slice(0, 8)}${besideEnding}`
  disk.rename(decisive, aside)
  if (isUsed()) {
    disk.rename(aside, decisive)
    return false
  }
  disk.remove(aside)
  return true
}

/** The content first: an entry alone says nothing. */
function dropContent({ ports, places }: Cache, sum: Sha256): void {
  ports.disk.remove(places.content(sum))
  ports.disk.remove(places.entry(sum))
}

/** The manifest first: without it the folder is not there. */
function dropKept({ ports, places }: Cache, name: string): void {
  const { manifest, files } = places.kept(name)
  ports.disk.remove(manifest)
  ports.disk.remove(files)
}

function dropPartial({ ports, places }: Cache, key: Sha256): void {
  for (const ending of ['', '.json', '.unpacked']) ports.disk.remove(`${places.partial(key)}${ending}`)
}

/** What a killed lakitu had begun to write, and addresses that lead to nothing. */
function sweep({ ports: { disk, clock }, places }: Cache): void {
  for (const folder of [places.contents, places.addresses]) {
    for (const path of filesBelow(disk, folder)) {
      const isOld = clock.now() - (disk.identity(path)?.mtime ?? 0) > day
      if (path.endsWith(besideEnding) && isOld) disk.remove(path)
      if (folder !== places.addresses || !path.endsWith('.json')) continue
      const entry = readAddress(disk, path)
      if (!entry || !disk.identity(places.content(entry.sha256))) disk.remove(path)
    }
  }
}

/** What stands beside the beginning of a download that is not there any more. */
function sweepPartials(cache: Cache, owner: LockOwner): void {
  const { ports, places } = cache
  for (const { name } of ports.disk.list(places.partials) ?? []) {
    const key = parseSha256(name.slice(0, 64))
    const isOrphan = () => key !== undefined && name.length > 64 && !ports.disk.identity(places.partial(key))
    if (key === undefined || !isOrphan()) continue
    const held = cache.lock(key, owner)
    if (held && isOrphan()) ports.disk.remove(join(places.partials, name))
    held?.release()
  }
}

/** What a killed one staged in this folder and those below it, and files without the manifest that is written last. */
function sweepKept(cache: Cache, owner: LockOwner, name: string): void {
  const { disk } = cache.ports
  const { folder, manifest } = cache.places.kept(name)
  const found = disk.list(folder) ?? []
  const isLeft = (one: string) =>
    one.endsWith(besideEnding) || (one === 'files' && !readManifest(readJson(disk, manifest)?.['files']))
  for (const { name: one, kind } of found) {
    if (kind === 'folder' && one !== 'files' && !isLeft(one))
      sweepKept(cache, owner, name === '' ? one : `${name}/${one}`)
  }
  if (!found.some((one) => isLeft(one.name)) || cache.uses.inUse(owner).has(keptKey(name))) return
  const held = cache.lock(keptKey(name), owner)
  for (const one of held ? (disk.list(folder) ?? []) : []) {
    if (isLeft(one.name)) disk.remove(join(folder, one.name))
  }
  held?.release()
}

function filesBelow(disk: Cache['ports']['disk'], folder: string): readonly string[] {
  return (disk.list(folder) ?? []).flatMap(({ name, kind }) => {
    const path = join(folder, name)
    return kind === 'folder' ? filesBelow(disk, path) : [path]
  })
}

function contentsIn({ ports: { disk }, places }: Cache): readonly StoredContent[] {
  return filesBelow(disk, places.contents).flatMap((path) => {
    const sum = parseSha256(path.slice(dirname(path).length + 1))
    const identity = disk.identity(path)
    if (!sum || !identity || path !== places.content(sum)) return []
    const entry = readContent(disk, places.entry(sum))
    const used = disk.identity(places.entry(sum))?.mtime ?? identity.mtime
    return [{ sha256: sum, size: identity.size, used, ...entry }]
  })
}

function keptIn(cache: Cache, name: string): readonly StoredFolder[] {
  const { disk } = cache.ports
  const { folder, manifest } = cache.places.kept(name)
  const inner = (disk.list(folder) ?? []).flatMap((one) => {
    if (one.kind !== 'folder' || one.name === 'files' || one.name.endsWith(besideEnding)) return []
    return keptIn(cache, name === '' ? one.name : `${name}/${one.name}`)
  })
  const entry = readJson(disk, manifest)
  const files = readManifest(entry?.['files'])
  const used = disk.identity(manifest)?.mtime
  if (!entry || !files || used === undefined) return inner
  const count = Object.values(files).filter((fact) => fact.startsWith('file ')).length
  return [{ name, size: sizeOf(files), files: count, used, uses: readUses(entry['uses']) }, ...inner]
}

function partialsIn({ ports: { disk }, places }: Cache): readonly StoredPartial[] {
  return (disk.list(places.partials) ?? []).flatMap(({ name }) => {
    const key = parseSha256(name)
    const identity = disk.identity(join(places.partials, name))
    return key && identity ? [{ key, size: identity.size, used: identity.mtime }] : []
  })
}
