import { homedir } from 'node:os'
import { isAbsolute, join, normalize } from 'node:path'
import { LakituError } from '../model/error.ts'
import { type Sha256, sha256 } from '../util/digest.ts'

/** How the variable is called that names a folder for the caches of all projects. */
export const folderVariable = 'LAKITU_CACHE_DIR'

/** Where a folder that was kept under a name lies. */
export interface KeptPlaces {
  readonly folder: string
  /** What `fill` made. */
  readonly files: string
  /** What must be in there; written last. */
  readonly manifest: string
}

/** Where what lies in a cache of downloads. */
export class Places {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  get contents(): string {
    return join(this.folder, 'sha256')
  }

  content(sum: Sha256): string {
    return join(this.contents, sum.slice(0, 2), sum)
  }

  /** What is known of a content. */
  entry(sum: Sha256): string {
    return `${this.content(sum)}.json`
  }

  get addresses(): string {
    return join(this.folder, 'urls')
  }

  /** What an address led to when it was last asked. */
  address(url: string): string {
    return join(this.addresses, `${sha256(url)}.json`)
  }

  get partials(): string {
    return join(this.folder, 'partial')
  }

  partial(key: Sha256): string {
    return join(this.partials, key)
  }

  get keeps(): string {
    return join(this.folder, 'kept')
  }

  kept(name: string): KeptPlaces {
    const folder = join(this.keeps, name)
    return { folder, files: join(folder, 'files'), manifest: join(folder, 'manifest.json') }
  }

  /** Held by whoever brings what this key stands for. */
  lock(key: Sha256): string {
    return join(this.folder, 'locks', key)
  }

  /** A folder for each process that uses something of all this. */
  get uses(): string {
    return join(this.folder, 'uses')
  }
}

/** The folder of downloads of this project, or the one that is shared by all of this user. Error: E_DOWNLOADS_FOLDER. */
export function downloadsFolder(root: string, environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment[folderVariable]
  if (named === undefined || named === '') return join(root, '.cache', 'downloads')
  const home = environment['HOME'] ?? homedir()
  const path = named === '~' || named.startsWith('~/') ? join(home, named.slice(1)) : named
  if (isAbsolute(path)) return join(normalize(path), 'downloads')
  throw new LakituError({
    code: 'E_DOWNLOADS_FOLDER',
    headline: `${folderVariable} is a relative path, which would be another folder for each project`,
    facts: { [folderVariable]: named },
    next: `Give an absolute path, or one that begins with ~/:  export ${folderVariable}=~/.cache/lakitu`,
    family: 'usage',
  })
}

/** Of a folder that is kept: what the lock and the mark of its use are called. */
export function keptKey(name: string): Sha256 {
  return sha256(`kept ${name}`)
}

/** An address for people and for files: without a password, and without a query, which may be a ticket. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  if (parsed.search !== '') parsed.search = '?…'
  return parsed.href.replace('?%E2%80%A6', '?…')
}
