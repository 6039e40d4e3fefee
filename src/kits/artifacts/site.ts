import { basename } from 'node:path'
import { keep, keptNote } from './kept.ts'
import { lockPath } from './lock-file.ts'
import { releaseOf } from './release.ts'
import { isAbsence, reasonOf, signedSums } from './signed.ts'
import { cannot, type Found, keptFolder, type Pin, type Tools, type Wanted } from './source.ts'
import { sumOf } from './sums.ts'
import { spaced } from './trust.ts'
import type { Site } from './vendor.ts'

/** The release from a site: what is pinned, else what the site's signed list of sums says. */
export async function fromSite(tools: Tools, wanted: Wanted, site: Site): Promise<Found> {
  try {
    const pin = wanted.pin ?? (await signedPin(tools, wanted, site))
    const to = keptZip(wanted)
    const { sha256 } = await tools.fetch(`${site.url}/${pin.path}`, { to, sha256: pin.sha256 })
    await keep(tools.root, to, { sha256, source: site.name })
    return zipFound(tools, wanted, site.name)
  } catch (error) {
    if (isAbsence(error)) return cannot(reasonOf(error))
    throw error
  }
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

/** The release that an earlier run fetched, if its sum is still right. */
export async function fromKept(tools: Tools, wanted: Wanted): Promise<Found> {
  const note = await keptNote(tools.root, keptZip(wanted), tools.log)
  if (!note) return cannot('nothing was kept')
  if (wanted.pin && wanted.pin.sha256 !== note.sha256) return cannot('what was kept has another sum')
  tools.log(`using ${keptZip(wanted)}, which was fetched before`)
  return zipFound(tools, wanted, note.source)
}

function keptZip({ product, version, platform, pin }: Wanted): string {
  return `${keptFolder(product, version)}/${pin ? basename(pin.path) : releaseOf(product, version).zip(platform)}`
}

function zipFound(tools: Tools, wanted: Wanted, source: string): Found {
  const place = async (to: string) => {
    await tools.unpack(keptZip(wanted), { to, member: wanted.product, mode: 0o755 })
  }
  return { kind: 'found', source, place }
}
