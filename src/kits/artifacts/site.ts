import { lockPath } from './lock-file.ts'
import { productOf } from './products.ts'
import { isAbsence, isSigned, reasonOf, type SignedRelease, signedSums } from './signed.ts'
import { archiveFound, cacheName, cannot, type Found, type Pin, type Tools, type Wanted } from './source.ts'
import { sumOf } from './sums.ts'
import { spaced } from './trust.ts'
import type { Site } from './vendor.ts'

/** The release from a site: what is pinned, else what the site's signed list of sums says. */
export async function fromSite(tools: Tools, wanted: Wanted, site: Site): Promise<Found> {
  const { product, version, platform } = wanted
  try {
    const pin = await pinOf(tools, wanted, site)
    // Not even asked for: whoever serves a file serves any sum of it.
    if (!pin) return unproved(tools, wanted, site)
    const about = `${product} ${version} ${platform}`
    const { path, from } = await tools.fetch(`${site.url}/${pin.path}`, { sha256: pin.sha256, about, ...sizeOf(pin) })
    return archiveFound(tools, product, { archive: path, source: from === 'cache' ? cacheName : site.name })
  } catch (error) {
    if (isAbsence(error)) return cannot(reasonOf(error))
    throw error
  }
}

function unproved(tools: Tools, { product, version }: Wanted, { name, isMirror }: Site): Found {
  const why = `nobody signs its sums, and ${lockPath} has none of ${version} (lakitu lock)`
  if (!isMirror) tools.warn(`${name} is not asked for ${product} ${version}: ${why}`)
  return cannot(why)
}

async function pinOf(tools: Tools, { product, version, platform, pin }: Wanted, site: Site): Promise<Pin | undefined> {
  const release = productOf(product).release(version)
  if (pin) return pin
  return isSigned(release) ? signedPin(tools, release, { site, platform }) : undefined
}

function sizeOf({ size }: Pin): { readonly size?: number } {
  return size === undefined ? {} : { size }
}

/** Without a lock everything is checked on the spot, at each download anew. */
async function signedPin(
  tools: Tools,
  release: SignedRelease,
  { site, platform }: { readonly site: Site; readonly platform: string },
): Promise<Pin> {
  const { list, from, signer } = await signedSums(tools, site, release)
  const file = release.file(platform)
  const sha256 = sumOf(file, list, from)
  tools.warn(
    `${release.product} ${release.version} is not in ${lockPath}: its sum was believed since ${spaced(signer.fingerprint)} signed it (lakitu lock pins it)`,
  )
  return { path: `${release.folder}/${file}`, sha256 }
}
