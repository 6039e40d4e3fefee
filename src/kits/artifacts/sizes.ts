import type { Context } from 'lakitu'
import type { LockedFile } from './lock-file.ts'
import { isAbsence, reasonOf } from './signed.ts'
import type { Site } from './vendor.ts'

type Files = Readonly<Record<string, LockedFile>>

/**
 * The files with the sizes that the site tells, asked for side by side. What it does not tell is left out, with one word: the sum alone
 * says what a file is, so that a zip which is listed and not there is trouble for whoever wants that one, and not for the lock.
 */
export async function withSizes(
  tools: Pick<Context, 'fetchSize' | 'warn'>,
  site: Site,
  { what, files }: { readonly what: string; readonly files: Files },
): Promise<Files> {
  const asked = await Promise.all(
    Object.entries(files).map(async ([platform, file]) => {
      const size = await sizeOf(tools, `${site.url}/${file.path}`)
      return { platform, file, size }
    }),
  )
  const untold = asked.filter(({ size }) => typeof size !== 'number')
  if (untold.length > 0) {
    const reasons = untold.map(({ platform, size }) => (size === undefined ? platform : `${platform} (${size})`))
    tools.warn(`${site.name} does not tell the size of ${what} for ${reasons.join(', ')}: only the sum is locked there`)
  }
  return Object.fromEntries(
    asked.map(({ platform, file, size }) => [platform, typeof size === 'number' ? { ...file, size } : file]),
  )
}

/** In bytes; or why it cannot be had. Of a length of 0 nothing is believed: no release is empty, and some servers say so of all. */
async function sizeOf(tools: Pick<Context, 'fetchSize'>, url: string): Promise<number | string | undefined> {
  try {
    return (await tools.fetchSize(url)) || undefined
  } catch (error) {
    if (isAbsence(error)) return reasonOf(error)
    throw error
  }
}
