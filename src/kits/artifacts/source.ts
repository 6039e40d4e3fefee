import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Context, LakituError } from 'lakitu'
import { productOf } from './products.ts'

/** What a source works with. */
export type Tools = Pick<
  Context,
  'root' | 'exec' | 'fetch' | 'keep' | 'read' | 'unpack' | 'log' | 'warn' | 'progress' | 'signal'
>

/** What is wanted of the sources. */
export interface Wanted {
  readonly product: string
  /** One version; a range is resolved before. */
  readonly version: string
  readonly platform: string
  /** Says what the release's zip must be; without it the vendor's signature does. */
  readonly pin?: Pin | undefined
}

export interface Pin {
  /** Below the base of a site. */
  readonly path: string
  readonly sha256: string
  /** In bytes, where the lock knows it. */
  readonly size?: number | undefined
}

/** How the outcome names what nobody had to serve. */
export const cacheName = 'the cache of downloads'

/** A source that serves, or why it cannot. What is *wrong* (a sum, a file that was named) is thrown instead. */
export type Found =
  | {
      readonly kind: 'found'
      /** Which source it was, in words. */
      readonly source: string
      /** Which version the source says it is; the program itself is believed first. */
      readonly version?: string | undefined
      /** Makes the product's output. */
      readonly place: () => Promise<void>
    }
  | { readonly kind: 'cannot'; readonly why: string }

export type Served = Extract<Found, { readonly kind: 'found' }>

/** What an archive of a release holds. `archive`: as `fetch` answered it, or absolute. */
export function archiveFound(
  tools: Tools,
  product: string,
  { archive, source }: { readonly archive: string; readonly source: string },
): Served {
  const { output: to, member } = productOf(product)
  const place = async () => {
    await tools.unpack(archive, member === undefined ? { to } : { to, member, mode: 0o755 })
  }
  return { kind: 'found', source, place }
}

export function cannot(why: string): Found {
  return { kind: 'cannot', why }
}

/** Takes away what a killed run left half-way beside what it was making; what others are making there stays. */
export async function removeLeftovers(output: string): Promise<void> {
  const [folder, own] = [dirname(output), `${basename(output)}.`]
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (name.startsWith(own) && name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true })
  }
}

export async function fileSum(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Of a file, or of a folder: of the list of its files and their sums, as sha256sum writes it. */
export async function contentSum(path: string): Promise<string> {
  if ((await stat(path)).isFile()) return fileSum(path)
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  const names = found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(path, join(parentPath, name)))
  const hash = createHash('sha256')
  for (const name of names.sort()) hash.update(`${await fileSum(join(path, name))}  ${name}\n`)
  return hash.digest('hex')
}

export function wrongSum(of: string, expected: string, actual: string, next: string): LakituError {
  const facts = { file: of, expected, actual }
  return new LakituError({
    code: 'E_WRONG_SUM',
    headline: `${of} does not have the sum that it must have`,
    facts,
    next,
  })
}

/** The last line of a program's complaint that says something. */
export function complaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return lines.findLast((line) => line !== '') ?? 'it did not say why'
}
