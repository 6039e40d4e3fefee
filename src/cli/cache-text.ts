import { relative } from 'node:path'
import type { StoredContent, StoredFolder, Survey } from '../downloads/care.ts'
import type { Use } from '../downloads/entries.ts'
import { tableText } from '../report/index.ts'
import type { Extent } from '../state/eviction.ts'
import { bytes, count, listing } from '../util/text.ts'

export interface Caches {
  readonly downloads: Survey
  readonly results: Extent & { readonly folder: string }
}

export interface CacheView {
  /** In bytes. */
  readonly limits: { readonly downloads: number; readonly results: number }
  /** In ms since the epoch. */
  readonly now: number
  /** The project's root. */
  readonly root: string
  /** Where lines are cut; undefined nowhere. */
  readonly columns?: number
}

/** What the caches hold, the last used first. */
export function cacheText({ downloads, results }: Caches, view: CacheView): string {
  const { limits, now, root, columns } = view
  const place = (folder: string) => {
    const inside = relative(root, folder)
    return inside.startsWith('..') ? folder : inside
  }
  const row = (what: string, { size, used }: { readonly size: number; readonly used: number }, uses: string) => {
    return { used, cells: [what, bytes(size), age(now - used), uses] }
  }
  const rows = [
    ...downloads.downloads.map((one) => row(nameOf(one), one, users(one, root))),
    ...downloads.kept.map((one) => row(keptName(one), one, users(one, root))),
    ...downloads.partial.map((one) => row(`${one.key.slice(0, 12)}… (not whole)`, one, '')),
  ]
  const cells = rows.toSorted((a, b) => b.used - a.used).map((one) => one.cells)
  const table = { indent: 2, heads: ['what', 'size', 'last use', 'for'], ...(columns === undefined ? {} : { columns }) }
  const unused =
    results.newest === undefined
      ? ''
      : `, last use ${age(now - results.newest)}, oldest ${age(now - (results.oldest ?? now))}`
  return [
    `downloads in ${place(downloads.folder)}: ${bytes(downloads.size)} of ${bytes(limits.downloads)}\n`,
    cells.length > 0 ? tableText(cells, table) : '',
    `results in ${place(results.folder)}: ${bytes(results.size)} of ${bytes(limits.results)}, of ${count(results.entries, 'set of facts', 'sets of facts')}${unused}\n`,
  ].join('')
}

function nameOf({ uses: [last], urls: [url], sha256 }: StoredContent): string {
  return last?.about ?? url ?? `${sha256.slice(0, 12)}…`
}

function keptName({ name, uses: [last], files }: StoredFolder): string {
  const what = last === undefined || last.about === name ? name : `${name}: ${last.about}`
  return `${what} (${count(files, 'file')})`
}

function users({ uses }: { readonly uses: readonly Use[] }, root: string): string {
  const names = uses.map(({ project, task }) => (project === root ? task : `${task} in ${project}`))
  return listing([...new Set(names)], 3)
}

/** `just now`, `5 min ago`, `3 h ago`, `12 days ago`. */
function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`
}
