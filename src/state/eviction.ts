import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { Sha256 } from '../util/digest.ts'
import type { Blobs } from './blobs.ts'
import { besideEnding } from './replace.ts'
import type { TraceKey, Traces } from './traces.ts'

/** 10 GiB. */
export const defaultCacheLimit = 10 * 2 ** 30

/** So much of the limit is used at most after an eviction, so that the next one is not due at once. */
const goal = 0.8

interface Cached<Name extends Sha256> {
  readonly name: Name
  readonly size: number
  /** When it was last written, in ms. */
  readonly mtime: number
}

export interface Eviction {
  readonly blobs: Blobs
  readonly traces: Traces
  /** In bytes. */
  readonly limit: number
  readonly used: ReadonlySet<TraceKey>
}

/** Bytes of all that is cached. */
export function sizeOf(disk: Disk, blobs: Blobs, traces: Traces): number {
  return sum(cachedIn(disk, blobs.folder)) + sum(cachedIn(disk, traces.folder))
}

/** What is there, for people: changes nothing. */
export interface Extent {
  readonly entries: number
  /** In bytes. */
  readonly size: number
  /** Of the first and the last that was used, in ms since the epoch; undefined where there is nothing. */
  readonly oldest: number | undefined
  readonly newest: number | undefined
}

export function extentOf(disk: Disk, { blobs, traces }: Pick<Eviction, 'blobs' | 'traces'>): Extent {
  const entries = cachedIn(disk, traces.folder, false)
  const size = sum(entries) + sum(cachedIn(disk, blobs.folder, false))
  const times = entries.map(({ mtime }) => mtime).sort((a, b) => a - b)
  return { entries: entries.length, size, oldest: times[0], newest: times.at(-1) }
}

/**
 * Brings the cache below its limit: first goes what no trace names, then what was used longest ago, each trace before the blobs
 * that only it named. What is in `used` stays. Answers how many bytes are left.
 */
export function evict(disk: Disk, { blobs, traces, limit, used }: Eviction): number {
  const kept = new Map(cachedIn<Sha256>(disk, blobs.folder).map((blob) => [blob.name, blob]))
  const known = cachedIn<TraceKey>(disk, traces.folder).map((trace) => ({ ...trace, named: traces.names(trace.name) }))
  let total = sum(kept.values()) + sum(known)
  const dropBlob = ({ name, size }: Cached<Sha256>) => {
    disk.remove(blobs.place(name))
    total -= size
  }
  const times = countNames(known)
  for (const blob of kept.values()) if (!times.has(blob.name)) dropBlob(blob)
  for (const trace of known.sort((a, b) => a.mtime - b.mtime)) {
    if (total <= limit * goal) break
    if (used.has(trace.name)) continue
    disk.remove(traces.place(trace.name))
    total -= trace.size
    for (const name of trace.named) {
      const left = (times.get(name) ?? 0) - 1
      times.set(name, left)
      const blob = kept.get(name)
      if (left === 0 && blob) dropBlob(blob)
    }
  }
  return total
}

function countNames(traces: readonly { readonly named: ReadonlySet<Sha256> }[]): Map<Sha256, number> {
  const times = new Map<Sha256, number>()
  for (const { named } of traces) for (const name of named) times.set(name, (times.get(name) ?? 0) + 1)
  return times
}

/** What stands in the folders of a folder; what a killed lakitu had begun to write there goes, where nobody else writes. */
function cachedIn<Name extends Sha256>(disk: Disk, folder: string, sweeps = true): readonly Cached<Name>[] {
  const found: Cached<Name>[] = []
  for (const { name: part } of disk.list(folder) ?? []) {
    for (const { name } of disk.list(join(folder, part)) ?? []) {
      const place = join(folder, part, name)
      if (name.endsWith(besideEnding)) {
        if (sweeps) disk.remove(place)
        continue
      }
      const identity = disk.identity(place)
      if (identity) found.push({ name: name as Name, size: identity.size, mtime: identity.mtime })
    }
  }
  return found
}

function sum(cached: Iterable<{ readonly size: number }>): number {
  let total = 0
  for (const { size } of cached) total += size
  return total
}
