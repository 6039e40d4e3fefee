import { createHash } from 'node:crypto'
import {
  type BigIntStats,
  createReadStream,
  type Dirent,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { LakituError } from 'lakitu'
import type { Sources } from '../playbook/model.ts'
import type { Folders } from './words.ts'

/** The sources as they are at one moment, and what tells whether one was touched since. */
export interface Seen {
  readonly sources: Sources
  /** Permission bits of the playbook's files, by path. */
  readonly modes: ReadonlyMap<string, number>
  /** `playbook:roles/x/tasks/main.yml` → what it is and when it changed; of folders, which end on `/`, when a name in them did. */
  readonly identities: ReadonlyMap<string, string>
}

/** What somebody touched while a playbook ran. */
export interface Touched {
  /** Files, also those that are again as they were: `playbook:roles/x/tasks/main.yml`. */
  readonly files: ReadonlySet<string>
  /** Roles in whose folders names came or went, if only for a moment. */
  readonly roles: ReadonlySet<string>
  /** A name came or went where it may mean something to every role, such as a file of variables. */
  readonly anywhere: boolean
}

/** A file in files/ from here on, in bytes, is a program or an image: its digest stands for it. Of others the words count. */
const large = 1024 * 1024

/** Reads both folders whole. Links are followed; what git and editors keep for themselves, the index passes over by its name. */
export async function readSources(root: string, folders: Folders): Promise<Seen> {
  const identities = new Map<string, string>()
  const modes = new Map<string, number>()
  const read = async (of: keyof Sources) => {
    const files = new Map<string, Buffer>()
    for (const file of walk(join(root, folders[of]), '')) {
      const path = join(root, folders[of], file)
      if (file === '' || file.endsWith('/')) {
        identities.set(`${of}:${file}`, `${statSync(path, { throwIfNoEntry: false, bigint: true })?.mtimeNs}`)
        continue
      }
      const identity = identityOf(path)
      if (identity === undefined) continue
      const isDigested = identity.size > large && /(^|\/)files\//.test(file)
      const content = await ifThere(() => (isDigested ? digestOf(path) : readFileSync(path)))
      // It went between the two looks: as good as never there.
      if (content === undefined) continue
      identities.set(`${of}:${file}`, identity.text)
      files.set(file, content)
      if (of === 'playbook') modes.set(file, identity.mode)
    }
    return files
  }
  return { sources: { playbook: await read('playbook'), inventory: await read('inventory') }, modes, identities }
}

export async function touchedSince(root: string, folders: Folders, seen: Seen): Promise<Touched> {
  const now = await readSources(root, folders)
  const names = new Set([...seen.identities.keys(), ...now.identities.keys()])
  const isTouched = (name: string) => {
    if (seen.identities.get(name) !== now.identities.get(name)) return true
    // Within one tick of the clock the identity may be the same.
    const [of, file] = split(name)
    return !isFolderName(name) && !seen.sources[of].get(file)?.equals(now.sources[of].get(file) ?? Buffer.of())
  }
  const touched = [...names].filter(isTouched)
  const places = touched.filter(isFolderName).map(roleWhoseOwn)
  return {
    files: new Set(touched.filter((name) => !isFolderName(name))),
    roles: new Set(places.filter((role) => role !== undefined)),
    anywhere: places.includes(undefined),
  }
}

function isFolderName(name: string): boolean {
  return name.endsWith(':') || name.endsWith('/')
}

/** The role that alone is concerned by the names in a folder; variables of a role are seen by all. */
function roleWhoseOwn(name: string): string | undefined {
  return /^playbook:roles\/([^/]+)\/(?:templates|files|tasks|handlers)\//.exec(name)?.[1]
}

function split(name: string): [keyof Sources, string] {
  const colon = name.indexOf(':')
  return [name.slice(0, colon) === 'inventory' ? 'inventory' : 'playbook', name.slice(colon + 1)]
}

/** Folders end on `/`. Not into one that leads back to one above it. */
function* walk(folder: string, below: string, above: readonly string[] = []): Generator<string> {
  const here = listed(join(folder, below), below !== '')
  if (!here || above.includes(here.real)) return
  yield below === '' ? '' : `${below}/`
  for (const entry of here.entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name === '.git') continue
    if (isFolder(join(folder, path), entry)) yield* walk(folder, path, [...above, here.real])
    else yield path
  }
}

interface Listed {
  readonly entries: readonly Dirent[]
  /** Its path without links. */
  readonly real: string
}

/** Undefined where the folder may go and is gone. */
function listed(folder: string, mayGo: boolean): Listed | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return { entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)), real: realpathSync(folder) }
  } catch (error) {
    if (mayGo && isGone(error)) return undefined
    throw new LakituError({
      code: 'E_NO_PLAYBOOK',
      family: 'usage',
      headline: `${folder} cannot be read`,
      facts: { message: error instanceof Error ? error.message : String(error) },
      next: 'Put it back (git checkout), then run the same command again.',
    })
  }
}

function isFolder(path: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statOf(path)?.isDirectory() ?? false
}

/** Undefined where nothing is, or a link leads nowhere or in a circle. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

function identityOf(path: string): { readonly text: string; readonly size: number; readonly mode: number } | undefined {
  const found = statOf(path)
  if (!found?.isFile()) return undefined
  const { size, mtimeNs, ctimeNs, ino, mode } = found
  return { text: [size, mtimeNs, ctimeNs, ino, mode].join(' '), size: Number(size), mode: Number(mode) & 0o7777 }
}

async function ifThere<T>(look: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

async function digestOf(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return Buffer.from(`sha256 ${hash.digest('hex')}\n`)
}
