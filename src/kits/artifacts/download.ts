import { LakituError, type Task, task, value } from 'lakitu'
import { shown } from './vendor.ts'

export interface DownloadOptions {
  /** http or https. */
  readonly url: string
  /** That the content must have: 64 hex digits. */
  readonly sha256: string
  /** Where it goes, relative to the root: the file; with `unpack: true` the folder that is unpacked into. */
  readonly to: string
  /** The whole archive, or one member of it. Default: the file is left as it is. */
  readonly unpack?: true | { readonly member: string; readonly mode?: number }
  readonly about?: string
  /** Most bytes that are taken; default 2 GiB. */
  readonly maxSize?: number
}

/** The value of a download. */
export interface Downloaded {
  /** What was made, relative to the project's root. */
  readonly path: string
  /** Of what was downloaded, as its size in bytes is. */
  readonly sha256: string
  readonly size: number
  /** The address that served it. */
  readonly source: string
}

/**
 * A task that makes a file, or what is in an archive, from any address. The sum is checked before anything can be seen. Errors at load:
 * E_DOWNLOAD; in the run those of `ctx.fetch` (E_UNREACHABLE, E_HTTP_STATUS, E_WRONG_SUM, E_TOO_BIG) and of `ctx.unpack`.
 */
export function download(name: string, options: DownloadOptions): Task<Downloaded> {
  const { url, to, unpack, about, maxSize } = options
  const sha256 = options.sha256.toLowerCase()
  checkOptions(name, url, sha256)
  return task(name, {
    ...(about === undefined ? {} : { about }),
    inputs: { wanted: value({ url, sha256, to, unpack: unpack ?? null, maxSize: maxSize ?? null }) },
    outputs: [to],
    run: async ({ inputs: { wanted }, fetch, unpack: unpackTo }): Promise<Downloaded> => {
      const limit = wanted.maxSize === null ? {} : { maxSize: wanted.maxSize }
      const place = wanted.unpack === null ? { to: wanted.to } : {}
      const got = await fetch(wanted.url, { sha256: wanted.sha256, ...limit, ...place })
      if (wanted.unpack !== null) {
        await unpackTo(got.path, { to: wanted.to, ...(wanted.unpack === true ? {} : wanted.unpack) })
      }
      return { path: wanted.to, sha256: got.sha256, size: got.size, source: shown(wanted.url) }
    },
  })
}

function checkOptions(name: string, url: string, sha256: string): void {
  const wrong =
    wrongUrl(url) ?? (/^[0-9a-f]{64}$/.test(sha256) ? undefined : `its sha256 is not 64 hexadecimal digits: ${sha256}`)
  if (wrong === undefined) return
  throw new LakituError({
    code: 'E_DOWNLOAD',
    headline: `The download ${name} cannot be: ${wrong}`,
    next: 'Correct what is given to download(…).',
    family: 'usage',
  })
}

function wrongUrl(url: string): string | undefined {
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) return `its url is no http or https address: ${shown(url)}`
  const { username, password } = new URL(url)
  if (username === '' && password === '') return undefined
  return 'its url holds a name or a password, and records keep it as it is (ctx.fetch in a task of your own takes one that is put together from a secret)'
}
