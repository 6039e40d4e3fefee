import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { makeFolder } from '../state/folders.ts'
import { besideEnding, replaceFile } from '../state/replace.ts'
import type { Asker, Cache } from './cache.ts'
import { readJson, readUses, withUse, writeWords } from './entries.ts'
import { badName, offlineKept } from './errors.ts'
import type { Flights } from './flights.ts'
import { differsAt, manifestOf, readManifest } from './manifest.ts'
import { keptKey } from './places.ts'

export interface Keep {
  readonly name: string
  /** Gets an empty folder. */
  readonly fill: (folder: string) => Promise<void>
  /** Whether it is called offline too. */
  readonly fillsOffline: boolean
  readonly asker: Asker
}

/** Folders that other programs filled by downloading, under a name. */
export class Keeping {
  private readonly cache: Cache
  private readonly flights: Flights
  private readonly offline: boolean

  constructor(cache: Cache, flights: Flights, offline: boolean) {
    this.cache = cache
    this.flights = flights
    this.offline = offline
  }

  /** The absolute path of the folder. */
  async keep(keep: Keep): Promise<string> {
    const { name, asker } = keep
    if (!isKeptName(name)) throw badName(name)
    const { folder, files } = this.cache.places.kept(name)
    const key = keptKey(name)
    this.cache.uses.mark(key, this.cache.owner(asker.task))
    const mayFill = !this.offline || keep.fillsOffline
    const found = await this.look(name, asker)
    if (found === 'whole') return files
    if (!mayFill) {
      if (found) asker.warn(`${name} is damaged in the cache of downloads (${found.damagedAt})`)
      throw offlineKept(name, folder)
    }
    const { task, about: what, signal } = asker
    return this.flights.alone({ key, what, task, signal, log: (text) => asker.log(text) }, async () => {
      // Again, now that it is alone: another one may have filled it meanwhile, and use what is there.
      const now = await this.look(name, asker)
      if (now === 'whole') return files
      if (now) asker.warn(`${name} was damaged in the cache of downloads (${now.damagedAt}) and is thrown away`)
      await this.fill(keep)
      return files
    })
  }

  /**
   * Every file is looked at: nothing else tells that nobody changed it, and that a power cut took nothing. Changes nothing; undefined where
   * there is no such folder.
   */
  private async look(name: string, asker: Asker): Promise<'whole' | { readonly damagedAt: string } | undefined> {
    const { disk } = this.cache.ports
    const { files, manifest: file } = this.cache.places.kept(name)
    const known = readJson(disk, file)
    const manifest = readManifest(known?.['files'])
    if (!known || !manifest) return undefined
    const now = disk.identity(files)?.kind === 'folder' ? await manifestOf(this.cache.ports, files, asker.signal) : {}
    const damagedAt = disk.identity(files) ? differsAt(manifest, now) : files
    if (damagedAt !== undefined) return { damagedAt }
    writeWords(disk, file, { ...known, uses: withUse(readUses(known['uses']), this.cache.use(asker)) })
    return 'whole'
  }

  private async fill({ name, fill, asker }: Keep): Promise<void> {
    const { cache } = this
    const { disk, clock } = cache.ports
    const { folder, files, manifest } = cache.places.kept(name)
    cache.writing(() => makeFolder(disk, folder))
    for (const { name: left } of disk.list(folder) ?? []) {
      if (left.endsWith(besideEnding)) disk.remove(join(folder, left))
    }
    disk.remove(manifest)
    disk.remove(files)
    const staging = join(folder, `${randomUUID().slice(0, 8)}${besideEnding}`)
    disk.makeFolder(staging)
    try {
      await fill(staging)
      asker.signal.throwIfAborted()
      const made = await manifestOf(cache.ports, staging, asker.signal)
      disk.rename(staging, files)
      const entry = { name, at: clock.now(), uses: [cache.use(asker)], files: made }
      replaceFile(disk, manifest, `${JSON.stringify(entry, null, 1)}\n`)
    } catch (error) {
      disk.remove(staging)
      throw error
    }
  }
}

/** Safe as a path below the folder of what is kept, and no name of its insides. */
export function isKeptName(name: string): boolean {
  return name.split('/').every((part) => {
    return (
      /^[A-Za-z0-9_+-][A-Za-z0-9._+-]*$/.test(part) &&
      part !== 'files' &&
      !part.endsWith(besideEnding) &&
      part.length < 200
    )
  })
}
