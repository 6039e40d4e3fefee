import { join } from 'node:path'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import { isObject } from './entries.ts'
import { notKept } from './errors.ts'

/** Path below the folder → `file <size> <sha256>`, `link <text>` or `folder`. */
export type Manifest = Readonly<Record<string, string>>

/** So many bytes are hashed in one go: then others get their turn, and a stop is heard. */
const piece = 16 << 20

/** What is in the folder, sorted. Error: E_KEPT_KIND. */
export async function manifestOf(
  { disk, clock }: { readonly disk: Disk; readonly clock: Clock },
  folder: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const found: [path: string, fact: string][] = []
  let hashed = 0
  const visit = async (below: string): Promise<void> => {
    for (const { name, kind } of disk.list(join(folder, below)) ?? []) {
      const path = below === '' ? name : `${below}/${name}`
      const place = join(folder, path)
      if (kind === 'other') throw notKept(folder, place)
      if (kind === 'folder') {
        found.push([path, 'folder'])
        await visit(path)
      } else if (kind === 'link') {
        found.push([path, `link ${disk.readLink(place)}`])
      } else {
        const size = disk.identity(place)?.size ?? 0
        found.push([path, `file ${size} ${disk.hash(place)}`])
        hashed += size
      }
      if (hashed < piece) continue
      hashed = 0
      await clock.wait(0, signal)
      signal.throwIfAborted()
    }
  }
  await visit('')
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function readManifest(value: unknown): Manifest | undefined {
  if (!isObject(value)) return undefined
  const facts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return facts.length === Object.keys(value).length ? Object.fromEntries(facts) : undefined
}

/** The first path at which the two differ; undefined where they are the same. */
export function differsAt(a: Manifest, b: Manifest): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().find((path) => a[path] !== b[path])
}

/** In bytes. */
export function sizeOf(manifest: Manifest): number {
  return Object.values(manifest).reduce((sum, fact) => {
    return fact.startsWith('file ') ? sum + Number(fact.split(' ')[1]) : sum
  }, 0)
}
