import { type Context, LakituError } from 'lakitu'
import * as v from 'valibot'
import type { LockedFile, LockedProduct } from './lock-file.ts'
import type { PublicKey } from './openpgp.ts'
import { productOf } from './products.ts'
import type { Release } from './release.ts'
import { bytesOf, type Fetching, isAbsence, isSigned, reasonOf, type SignedRelease, signedSums } from './signed.ts'
import { withSizes } from './sizes.ts'
import { sumsIn } from './sums.ts'
import { unsignedSums } from './unsigned.ts'
import { type Site, shown } from './vendor.ts'
import { newestOf } from './versions.ts'

/** What a command asks with. */
export type Asking = Fetching & Pick<Context, 'fetchSize'>

/** What the lock gets for one product, and the key that signed it. */
export interface Resolved {
  readonly entry: LockedProduct
  /** Undefined where nobody signs. */
  readonly signer: PublicKey | undefined
}

/** The newest version of a range that the first site with an index has; `current` where that has nothing newer. Error: E_NO_VERSION. */
export async function newestVersion(
  tools: Asking,
  sites: readonly Site[],
  wanted: { readonly product: string; readonly range: string; readonly current?: string | undefined },
): Promise<string> {
  const { product, range, current } = wanted
  const { index } = productOf(product)
  if (index === undefined) throw noIndex(product, range)
  return fromSites(tools, sites, `which versions of ${product} there are`, async (site) => {
    const url = `${site.url}/${index}`
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

/** The sums of a version for every platform that a lock holds, and the sizes as far as the site tells them. */
export async function resolve(
  tools: Asking,
  sites: readonly Site[],
  { product, version }: { readonly product: string; readonly version: string },
): Promise<Resolved> {
  const release = productOf(product).release(version)
  const what = `${product} ${version}`
  return fromSites(tools, sites, what, async (site) => {
    const { files, said, signer } = isSigned(release)
      ? await signedFiles(tools, site, release)
      : { signer: undefined, ...(await unsignedSums(tools, site, release)) }
    const missing = release.platforms.filter((platform) => files[platform] === undefined)
    if (missing.length > 0) tools.warn(`${what} is not made for ${missing.join(', ')}: nothing is locked there`)
    return { entry: { version, sums: said, files: await withSizes(tools, site, { what, files }) }, signer }
  })
}

async function signedFiles(tools: Fetching, site: Site, release: SignedRelease) {
  const { list, from, signer, said } = await signedSums(tools, site, release)
  const sums = sumsIn(list, from)
  const files: Record<string, LockedFile> = {}
  for (const platform of release.platforms) {
    const file = release.file(platform)
    const sha256 = sums.get(file)
    if (sha256 !== undefined) files[platform] = { path: `${release.folder}/${file}`, sha256 }
  }
  if (Object.keys(files).length === 0) throw forNobody(release, from)
  return { files, said, signer }
}

function forNobody({ product, version, platforms }: Release, from: string): LakituError {
  return new LakituError({
    code: 'E_NO_SUM',
    headline: `The list of sums has no zip of ${product} ${version} for any platform`,
    facts: { list: from, platforms: platforms.join(', ') },
    next: 'Give another version in the cluster.',
  })
}

function noIndex(product: string, range: string): LakituError {
  return new LakituError({
    code: 'E_NO_INDEX',
    headline: `Nobody is asked which versions of ${product} there are, so that ${range} can stand for none`,
    next: `Give one version of ${product} in the cluster.`,
    family: 'usage',
  })
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
