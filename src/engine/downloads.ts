import { resolve } from 'node:path'
import type { Asker, Downloads, Wanted } from '../downloads/downloads.ts'
import type { Context, FetchOptions } from '../model/context.ts'
import { LakituError } from '../model/error.ts'
import { shownAddress } from '../util/addresses.ts'
import { parseSha256, type Sha256 } from '../util/digest.ts'
import { treePath } from '../util/paths.ts'
import { begin, type Caller } from './begun.ts'
import type { Project } from './project.ts'

type Offered = Pick<Context, 'fetch' | 'keep' | 'fetchText' | 'fetchSize' | 'offline'>
type Words = Pick<Context, 'log' | 'warn' | 'progress'>

/** What of a project it takes. */
interface Used {
  readonly downloads: Downloads
  readonly secrets: Pick<Project['secrets'], 'mask'>
  readonly graph: Pick<Project['graph'], 'root'>
}

/** Who downloads: a task, or a command. */
interface For {
  readonly project: Used
  readonly name: string
  readonly signal: AbortSignal
}

/** What a task's function is given to download with; what it began ends with it. */
export function downloadsFor(caller: Caller, words: Words): Offered {
  const { project, node, signal } = caller
  const { offline, fetch, fetchText, fetchSize, keep } = downloadsOf({ project, name: node.name, signal }, words)
  return {
    offline,
    fetch: (...given) => begin(caller, fetch(...given)),
    fetchText: (...given) => begin(caller, fetchText(...given)),
    fetchSize: (...given) => begin(caller, fetchSize(...given)),
    keep: (...given) => begin(caller, keep(...given)),
  }
}

/** What downloads for whoever asks. */
export function downloadsOf({ project, name: of, signal }: For, words: Words): Offered {
  const { downloads, secrets } = project
  const asker = (about: string): Asker => {
    return { task: of, about, signal, log: words.log, warn: words.warn, mask: (text) => secrets.mask(text) }
  }
  return {
    offline: downloads.offline,
    fetch: (url, options = {}) => download(project, url, { options, words, asker }),
    fetchText: (url) => downloads.text(url, signal),
    fetchSize: (url) => downloads.size(url, signal),
    keep: (name, fill, { about = name, offline = 'fail' } = {}) =>
      downloads.keep({ name, fill, fillsOffline: offline === 'fill', asker: asker(about) }),
  }
}

interface Download {
  readonly options: FetchOptions
  readonly words: Words
  readonly asker: (about: string) => Asker
}

async function download(project: Used, url: string, { options, words, asker }: Download) {
  const { root } = project.graph
  const { to, size, maxSize = 2 ** 31, connectTimeout = 10_000, silenceTimeout = 30_000 } = options
  const text = fileName(url)
  const sum = wantedSum(url, options)
  const onProgress: Wanted['onProgress'] = (done, total, rate) =>
    words.progress({ text, done, unit: 'bytes', rate, ...(total === undefined ? {} : { total }) })
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

/** The last name in its path, else the host; nothing else of an address is for everybody to see. */
function fileName(url: string): string {
  if (!URL.canParse(url)) return 'a file'
  const { pathname, host } = new URL(url)
  return pathname.split('/').findLast((name) => name !== '') ?? host
}

function wantedSum(url: string, { sha256 }: FetchOptions): Sha256 | undefined {
  const sum = sha256 === undefined ? undefined : parseSha256(sha256)
  if (sha256 === undefined || sum !== undefined) return sum
  throw new LakituError({
    code: 'E_BAD_SUM',
    headline: `${sha256} is no SHA-256 sum`,
    facts: { url: shownAddress(url) },
    next: 'Give the 64 hex digits of the SHA-256 of the file.',
    family: 'usage',
  })
}
