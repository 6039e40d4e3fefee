import { resolve } from 'node:path'
import type { Asker, Wanted } from '../downloads/downloads.ts'
import type { Context, FetchOptions } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import { parseSha256, type Sha256 } from '../util/digest.ts'
import { treePath } from '../util/paths.ts'
import { begin, type Caller } from './begun.ts'

type Offered = Pick<Context, 'fetch' | 'keep' | 'fetchText' | 'offline'>
type Words = Pick<Context, 'log' | 'warn' | 'progress'>

/** How often progress is told, in ms. */
const progressEvery = 100

/** What a task's function is given to download with. */
export function downloadsFor(caller: Caller, words: Words): Offered {
  const { project, node, signal } = caller
  const { downloads, secrets } = project
  const asker = (about: string): Asker => {
    return { task: node.name, about, signal, log: words.log, warn: words.warn, mask: (text) => secrets.mask(text) }
  }
  return {
    offline: downloads.offline,
    fetch: (url, options = {}) => begin(caller, download(caller, url, { options, words, asker })),
    fetchText: (url) => begin(caller, downloads.text(url, signal)),
    keep: (name, fill, { about = name, offline = 'fail' } = {}) =>
      begin(caller, downloads.keep({ name, fill, fillsOffline: offline === 'fill', asker: asker(about) })),
  }
}

interface Download {
  readonly options: FetchOptions
  readonly words: Words
  readonly asker: (about: string) => Asker
}

async function download({ project }: Caller, url: string, { options, words, asker }: Download) {
  const { root } = project.graph
  const { to, size, maxSize = 2 ** 31, connectTimeout = 10_000, silenceTimeout = 30_000 } = options
  const text = url.slice(url.lastIndexOf('/') + 1)
  const sum = wantedSum(url, options)
  let shown = -Infinity
  const onProgress: Wanted['onProgress'] = (done, total, rate) => {
    const ticks = project.ports.clock.ticks()
    if (ticks - shown < progressEvery && done !== total) return
    shown = ticks
    words.progress({ text, done, unit: 'bytes', rate, ...(total === undefined ? {} : { total }) })
  }
  const wanted: Wanted = {
    maxSize,
    connectTimeout,
    silenceTimeout,
    onProgress,
    ...(sum === undefined ? {} : { sha256: sum }),
    ...(size === undefined ? {} : { size }),
    ...(to === undefined ? {} : { to: resolve(root, to) }),
  }
  const had = await project.downloads.fetch(url, wanted, asker(options.about ?? text))
  return { ...had, path: treePath(root, had.path) }
}

function wantedSum(url: string, { sha256 }: FetchOptions): Sha256 | undefined {
  const sum = sha256 === undefined ? undefined : parseSha256(sha256)
  if (sha256 === undefined || sum !== undefined) return sum
  throw new LakituError({
    code: 'E_BAD_SUM',
    headline: `${sha256} is no SHA-256 sum`,
    facts: { url },
    family: 'usage',
  })
}
