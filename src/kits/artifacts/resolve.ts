import { type Context, LakituError } from 'lakitu'
import * as v from 'valibot'
import type { LockedFile, LockedProduct } from './lock-file.ts'
import type { PublicKey } from './openpgp.ts'
import { platforms, releaseOf } from './release.ts'
import { bytesOf, type Fetching, isAbsence, reasonOf, signedSums } from './signed.ts'
import { withSizes } from './sizes.ts'
import { sumsIn } from './sums.ts'
import { type Site, shown } from './vendor.ts'
import { newestOf } from './versions.ts'

/** What a command asks with. */
export type Asking = Fetching & Pick<Context, 'fetchSize'>

/** What the lock gets for one product, and the key that signed it. */
export interface Resolved {
  readonly entry: LockedProduct
  readonly signer: PublicKey
}

/** The newest version of a range that the first site with an index has; `current` where that has nothing newer. Error: E_NO_VERSION. */
export async function newestVersion(
  tools: Asking,
  sites: readonly Site[],
  wanted: { readonly product: string; readonly range: string; readonly current?: string | undefined },
): Promise<string> {
  const { product, range, current } = wanted
  return fromSites(tools, sites, `which versions of ${product} there are`, async (site) => {
    const url = `${site.url}/${product}/index.json`
    const versions = versionsIn(await bytesOf(tools, url, mostIndex), shown(url))
    const newest = newestOf(current === undefined ? versions : [...versions, current], range)
    if (newest !== undefined) return newest
    throw new LakituError({
      code: 'E_NO_VERSION',
      headline: `No version of ${product} is of the range ${range}`,
      facts: { index: shown(url), newest: newestOf(versions, '*') },
      next: 'Give another range in the cluster. Pre-releases are meant only by a range that names one, editions (+ent) never.',
    })
  })
}

/** The signed sums of a version for every platform that a lock holds, and the sizes as far as the site tells them. */
export async function resolve(
  tools: Asking,
  sites: readonly Site[],
  { product, version }: { readonly product: string; readonly version: string },
): Promise<Resolved> {
  const release = releaseOf(product, version)
  return fromSites(tools, sites, `${product} ${version}`, async (site) => {
    const { list, from, signer, said } = await signedSums(tools, site, release)
    const sums = sumsIn(list, from)
    const files: Record<string, LockedFile> = {}
    for (const platform of platforms) {
      const zip = release.zip(platform)
      const sha256 = sums.get(zip)
      if (sha256 !== undefined) files[platform] = { path: `${release.folder}/${zip}`, sha256 }
    }
    checkFiles(tools, files, { product, version, from })
    const what = `${product} ${version}`
    return { entry: { version, sums: said, files: await withSizes(tools, site, { what, files }) }, signer }
  })
}

function checkFiles(
  tools: Asking,
  files: Readonly<Record<string, LockedFile>>,
  { product, version, from }: { readonly product: string; readonly version: string; readonly from: string },
): void {
  const missing = platforms.filter((platform) => files[platform] === undefined)
  if (missing.length === platforms.length) {
    throw new LakituError({
      code: 'E_NO_SUM',
      headline: `The list of sums has no zip of ${product} ${version} for any platform`,
      facts: { list: from, platforms: platforms.join(', ') },
      next: 'Give another version in the cluster.',
    })
  }
  if (missing.length > 0)
    tools.warn(`${product} ${version} is not made for ${missing.join(', ')}: nothing is locked there`)
}

/** The first site that answers. A mirror that cannot is worth a word; that nobody can is E_NOT_RESOLVED (exit 3). */
async function fromSites<T>(
  tools: Asking,
  sites: readonly Site[],
  what: string,
  ask: (site: Site) => Promise<T>,
): Promise<T> {
  const misses: Record<string, string> = {}
  for (const site of sites) {
    try {
      return await ask(site)
    } catch (error) {
      if (!isAbsence(error)) throw error
      misses[site.name] = reasonOf(error)
      if (site.isMirror) tools.warn(`${site.name.replace('the', 'The')} could not tell ${what}: ${reasonOf(error)}`)
    }
  }
  throw new LakituError({
    code: 'E_NOT_RESOLVED',
    headline: `Nobody can tell ${what}`,
    facts: misses,
    next: "Try again where the vendor can be reached, or name a mirror with the vendor's layout:  export LAKITU_MIRROR=<address>",
    family: 'world',
  })
}

/** The vendor's index of one product lists every build of every version. */
const mostIndex = 64 << 20
const Index = v.object({ versions: v.record(v.string(), v.unknown()) })

function versionsIn(bytes: Uint8Array, from: string): readonly string[] {
  try {
    return Object.keys(v.parse(Index, JSON.parse(Buffer.from(bytes).toString('utf8'))).versions)
  } catch (error) {
    throw new LakituError({
      code: 'E_INDEX',
      headline: 'The index of versions is none',
      facts: { index: from, reason: error instanceof Error ? error.message : String(error) },
      next: 'A proxy may have answered with a page of its own. Name another mirror, or give an exact version in the cluster.',
      cause: error,
    })
  }
}
