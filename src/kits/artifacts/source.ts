import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Context, LakituError } from 'lakitu'

/** What a source works with. */
export type Tools = Pick<
  Context,
  'root' | 'exec' | 'fetch' | 'keep' | 'offline' | 'read' | 'unpack' | 'log' | 'warn' | 'progress' | 'signal'
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
      /** Puts the program to this path, relative to the root. */
      readonly place: (to: string) => Promise<void>
    }
  | { readonly kind: 'cannot'; readonly why: string }

export type Served = Extract<Found, { readonly kind: 'found' }>

export function cannot(why: string): Found {
  return { kind: 'cannot', why }
}

/** Takes away what a killed run left half-way in a folder of its own. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true })
  }
}

export async function fileSum(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
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
