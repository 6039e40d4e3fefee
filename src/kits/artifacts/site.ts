import { lockPath } from './lock-file.ts'
import { releaseOf } from './release.ts'
import { isAbsence, reasonOf, signedSums } from './signed.ts'
import { cacheName, cannot, type Found, type Pin, type Tools, type Wanted } from './source.ts'
import { sumOf } from './sums.ts'
import { spaced } from './trust.ts'
import type { Site } from './vendor.ts'

/** The release from a site: what is pinned, else what the site's signed list of sums says. */
export async function fromSite(tools: Tools, wanted: Wanted, site: Site): Promise<Found> {
  try {
    const pin = wanted.pin ?? (await signedPin(tools, wanted, site))
    const about = `${wanted.product} ${wanted.version} ${wanted.platform}`
    const { path, from } = await tools.fetch(`${site.url}/${pin.path}`, { sha256: pin.sha256, about, ...sizeOf(pin) })
    return zipFound(tools, wanted, { zip: path, source: from === 'cache' ? cacheName : site.name })
  } catch (error) {
    if (isAbsence(error)) return cannot(reasonOf(error))
    throw error
  }
}

function sizeOf({ size }: Pin): { readonly size?: number } {
  return size === undefined ? {} : { size }
}

/** Without a lock everything is checked on the spot, at each download anew. */
async function signedPin(tools: Tools, { product, version, platform }: Wanted, site: Site): Promise<Pin> {
  const release = releaseOf(product, version)
  const { list, from, signer } = await signedSums(tools, site, release)
  const zip = release.zip(platform)
  const sha256 = sumOf(zip, list, from)
  tools.warn(
    `${product} ${version} is not in ${lockPath}: its sum was believed since ${spaced(signer.fingerprint)} signed it (lakitu lock pins it)`,
  )
  return { path: `${release.folder}/${zip}`, sha256 }
}

/** `zip`: as `fetch` answered it. */
function zipFound(
  tools: Tools,
  { product }: Wanted,
  { zip, source }: { readonly zip: string; readonly source: string },
): Found {
  const place = async (to: string) => {
    await tools.unpack(zip, { to, member: product, mode: 0o755 })
  }
  return { kind: 'found', source, place }
}
