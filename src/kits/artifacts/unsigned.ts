import type { LockedFile } from './lock-file.ts'
import type { Release } from './release.ts'
import { bytesOf, type Fetching, isNotThere } from './signed.ts'
import { sumOf } from './sums.ts'
import { type Site, shown } from './vendor.ts'

/** What a site says of files that nobody signs. */
export interface UnsignedSums {
  readonly files: Readonly<Record<string, LockedFile>>
  /** As the lock says it. */
  readonly said: string
}

/**
 * The sums beside the files of a release, by platform; one without a file has none. Whoever serves the file serves its sum, so that this is trust
 * on first use, and for `lakitu lock` alone. Errors: those of the network, E_NO_SUM, E_SUM_TWICE.
 */
export async function unsignedSums(tools: Fetching, site: Site, release: Release): Promise<UnsignedSums> {
  const { product, version, folder, platforms } = release
  const files: Record<string, LockedFile> = {}
  let absent: unknown
  for (const platform of platforms) {
    const file = release.file(platform)
    const url = `${site.url}/${folder}/${file}.sha256`
    try {
      const list = Buffer.from(await bytesOf(tools, url)).toString('utf8')
      files[platform] = { path: `${folder}/${file}`, sha256: sumOf(file, list, shown(url)) }
    } catch (error) {
      if (!isNotThere(error)) throw error
      absent = error
    }
  }
  if (Object.keys(files).length === 0) throw absent
  tools.warn(
    `nobody signs the sums of ${product} ${version}: what ${site.name} says now is believed (trust on first use), and nothing else from then on`,
  )
  return { files, said: `from ${site.name}, signed by nobody: trust on first use` }
}
