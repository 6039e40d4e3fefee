import { LakituError } from 'lakitu'
import { keep, keptNote } from './kept.ts'
import { releaseOf, sumIn } from './release.ts'
import { cannot, type Found, keptFolder, type Tools, type Wanted, wrongSum } from './source.ts'

/** Somewhere with the vendor's layout. */
export interface Site {
  /** How the outcome names it. */
  readonly name: string
  /** Base address, without a slash at its end. */
  readonly url: string
}

/** The release from a site, its sum checked against the site's list, and against the wanted one where there is one. */
export async function fromSite(tools: Tools, wanted: Wanted, site: Site): Promise<Found> {
  const { zip, sums, folder } = releaseOf(wanted.product, wanted.version)
  const base = `${site.url}/${folder}`
  try {
    const listed = sumIn(await tools.fetchText(`${base}/${sums}`), zip)
    if (listed === undefined) return cannot(`its ${sums} has no ${zip}`)
    if (wanted.sha256 !== undefined && wanted.sha256 !== listed) {
      throw wrongSum(
        `${base}/${zip}`,
        wanted.sha256,
        listed,
        'Correct `sha256` of the component, or use another source.',
      )
    }
    const to = keptZip(wanted)
    const { sha256 } = await tools.fetch(`${base}/${zip}`, { to, sha256: listed })
    await keep(tools.root, to, { sha256, source: site.name })
    return zipFound(tools, wanted, site.name)
  } catch (error) {
    if (isAbsence(error)) return cannot(reasonOf(error))
    throw error
  }
}

/** The release that an earlier run fetched, if its sum is still right. */
export async function fromKept(tools: Tools, wanted: Wanted): Promise<Found> {
  const note = await keptNote(tools.root, keptZip(wanted), tools.log)
  if (!note) return cannot('nothing was kept')
  if (wanted.sha256 !== undefined && wanted.sha256 !== note.sha256) return cannot('what was kept has another sum')
  tools.log(`using ${keptZip(wanted)}, which was fetched before`)
  return zipFound(tools, wanted, note.source)
}

function keptZip({ product, version }: Wanted): string {
  return `${keptFolder(product, version)}/${releaseOf(product, version).zip}`
}

function zipFound(tools: Tools, wanted: Wanted, source: string): Found {
  const place = async (to: string) => {
    await tools.unpack(keptZip(wanted), { to, member: wanted.product, mode: 0o755 })
  }
  return { kind: 'found', source, place }
}

/** A site that is not there, or has not got it, is no reason to stop asking others; everything else is. */
function isAbsence(error: unknown): error is LakituError {
  return error instanceof LakituError && (error.code === 'E_UNREACHABLE' || error.code === 'E_HTTP_STATUS')
}

function reasonOf({ code, message, facts }: LakituError): string {
  const { status, reason = message } = facts
  return code === 'E_HTTP_STATUS' ? `answered ${status ?? message}` : `cannot be reached: ${reason}`
}
