import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import type { Sha256 } from '../util/digest.ts'
import { readContent, type Use, withUse, writeWords } from './entries.ts'
import type { Places } from './places.ts'

/** Nobody writes to a content: several may read it, under one name. */
const contentMode = 0o444
/** Of what is placed in the project. */
const placedMode = 0o644

/** What came of asking for a content: only what is `right` was proved to be what its name says. */
export type Asked = 'right' | 'absent' | 'damaged'

/** What was downloaded, each content once, under its own hash. It is hashed before each use: nothing else is believed. */
export class Contents {
  private readonly disk: Disk
  private readonly places: Places

  constructor(disk: Disk, places: Places) {
    this.disk = disk
    this.places = places
  }

  /** In bytes; undefined where nothing is. */
  size(sum: Sha256): number | undefined {
    return this.disk.identity(this.places.content(sum))?.size
  }

  /** Proves it, and places a copy where `to` is given, whole or not at all. */
  take(sum: Sha256, to: string | undefined): Asked {
    const place = this.places.content(sum)
    const kind = this.disk.identity(place)?.kind
    if (kind === undefined) return 'absent'
    try {
      if (kind === 'file' && this.prove(sum, place, to)) return 'right'
    } catch (error) {
      // Somebody evicted it just now, or took the whole cache away.
      if (this.disk.identity(place) === undefined) return 'absent'
      throw error
    }
    return 'damaged'
  }

  remove(sum: Sha256): void {
    this.disk.remove(this.places.content(sum))
  }

  /** Gives a whole file, whose sum was seen, its place. */
  put(sum: Sha256, file: string): void {
    const place = this.places.content(sum)
    this.disk.makeFolder(dirname(place))
    if (this.disk.identity(place)?.kind === 'folder') this.disk.remove(place)
    this.disk.rename(file, place)
    // Not before: one that was killed in between could not go on writing to it.
    this.disk.setMode(place, contentMode)
  }

  /** Writes down that it was used, and where from and when it was fetched, where it was. */
  note(sum: Sha256, use: Use, fetched?: { readonly url: string; readonly at: number }): void {
    const file = this.places.entry(sum)
    const known = readContent(this.disk, file)
    writeWords(this.disk, file, {
      urls: fetched ? [...new Set([fetched.url, ...known.urls])].slice(0, 8) : known.urls,
      fetched: fetched?.at ?? known.fetched,
      uses: withUse(known.uses, use),
    })
  }

  /** Places a copy of what was put there a moment ago: its sum was seen when it came. */
  place(sum: Sha256, to: string): void {
    this.beside(to, (beside) => {
      this.disk.duplicate(this.places.content(sum), beside, placedMode)
      return true
    })
  }

  private prove(sum: Sha256, place: string, to: string | undefined): boolean {
    if (to === undefined) return this.disk.hash(place) === sum
    // Hashed on its way: to place it takes no second look at it.
    return this.beside(to, (beside) => this.disk.copy(place, beside, placedMode) === sum)
  }

  /** Renamed into place where what was written beside it is right. */
  private beside(to: string, write: (beside: string) => boolean): boolean {
    this.disk.makeFolder(dirname(to))
    const beside = `${to}.${randomUUID().slice(0, 8)}.part`
    try {
      const isRight = write(beside)
      if (isRight) this.disk.rename(beside, to)
      return isRight
    } finally {
      this.disk.remove(beside)
    }
  }
}
