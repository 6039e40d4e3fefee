import type { Downloaded, DownloadOptions } from '../ports/http.ts'
import { makeFolder } from '../state/folders.ts'
import { type Sha256, sha256 } from '../util/digest.ts'
import type { Asker, Cache } from './cache.ts'
import { Contents } from './contents.ts'
import { type AddressEntry, readAddress, writeAddress } from './entries.ts'
import { offlineError, wrongSize } from './errors.ts'
import type { Flights } from './flights.ts'
import { shownUrl } from './places.ts'

/** What is wanted of a download. */
export interface Wanted extends Pick<DownloadOptions, 'maxSize' | 'connectTimeout' | 'silenceTimeout' | 'onProgress'> {
  readonly sha256?: Sha256
  readonly size?: number
  /** Absolute; without, the file is read where it lies in the cache. */
  readonly to?: string
}

export interface Had {
  /** Absolute. */
  readonly path: string
  readonly size: number
  readonly sha256: Sha256
  readonly from: 'cache' | 'network'
}

interface Request {
  readonly url: string
  readonly wanted: Wanted
  readonly asker: Asker
  /** The key whose lock is held. */
  readonly held?: Sha256
}

/** Downloads by their sum, or by their address where that is not known. */
export class Fetching {
  private readonly cache: Cache
  private readonly contents: Contents
  private readonly flights: Flights
  private readonly offline: boolean

  constructor(cache: Cache, flights: Flights, offline: boolean) {
    this.cache = cache
    this.contents = new Contents(cache.ports.disk, cache.places)
    this.flights = flights
    this.offline = offline
  }

  async fetch(request: Request): Promise<Had> {
    const { url, wanted, asker } = request
    const had = wanted.sha256 === undefined ? undefined : this.had(wanted.sha256, request, this.offline)
    if (had) return had
    if (this.offline) return this.withoutRequest(request)
    const before = this.version(url)
    const { to: _, onProgress: __, ...same } = wanted
    const { task, about: what, signal } = asker
    const flight = { key: wanted.sha256 ?? sha256(url), what, task, signal, same: JSON.stringify([url, same]) }
    return this.flights.alone({ ...flight, log: (text) => asker.log(text) }, async () => {
      // Whoever was ahead asked the server after this one had begun to wait for it.
      const isJustAsked = wanted.sha256 === undefined && this.version(url) !== before
      const sum = wanted.sha256 ?? (isJustAsked ? this.address(url)?.sha256 : undefined)
      const alone = { ...request, held: flight.key }
      return (sum === undefined ? undefined : this.had(sum, alone)) ?? this.transfer(alone, flight.key)
    })
  }

  /** From the cache, if it is there and is what it has to be. What is damaged is left alone by those who ask again with the lock. */
  private had(sum: Sha256, request: Request, isLast = true): Had | undefined {
    const { url, wanted, asker } = request
    const { cache, contents } = this
    const size = contents.size(sum)
    if (size === undefined) return undefined
    cache.uses.mark(sum, cache.owner(asker.task))
    const isSized = wanted.size === undefined || wanted.size === size
    const to = isSized ? wanted.to : undefined
    const asked = contents.take(sum, to)
    if (asked === 'absent' || (asked === 'damaged' && !(isLast && this.isMended(sum, to, request)))) return undefined
    if (wanted.size !== undefined && !isSized) throw wrongSize(url, wanted.size, size)
    contents.note(sum, cache.use(asker))
    return { path: wanted.to ?? cache.places.content(sum), size, sha256: sum, from: 'cache' }
  }

  /**
   * What is damaged is thrown away by whoever is alone with it, after another look: somebody else could have put the right content there
   * meanwhile, and use it.
   */
  private isMended(sum: Sha256, to: string | undefined, { asker, held }: Request): boolean {
    const { cache, contents } = this
    const lock = held === sum ? undefined : cache.lock(sum, cache.owner(asker.task))
    // Somebody is about to mend it.
    if (held !== sum && !lock) return false
    try {
      const asked = contents.take(sum, to)
      if (asked !== 'damaged') return asked === 'right'
      contents.remove(sum)
      asker.warn(`${asker.about} was damaged in the cache of downloads and is thrown away`)
      return false
    } finally {
      lock?.release()
    }
  }

  /** The last content of an address is better than none: there is a word about it. */
  private withoutRequest(request: Request): Had {
    const { url, wanted, asker } = request
    const { sha256: sum = undefined, size } = wanted
    const last = sum === undefined ? this.address(url) : undefined
    const had = last && this.had(last.sha256, request)
    if (!had) {
      const file = sum ?? last?.sha256
      throw offlineError({
        url,
        sha256: file,
        size: size ?? last?.size,
        ...(file === undefined ? {} : { file: this.cache.places.content(file) }),
      })
    }
    asker.log(`offline: ${asker.about} is what ${shownUrl(url)} led to on ${new Date(last.at).toISOString()}`)
    return had
  }

  private async transfer(request: Request, key: Sha256): Promise<Had> {
    const { url, wanted } = request
    const last = wanted.sha256 === undefined ? this.known(url) : undefined
    const got = await this.request(request, key, last)
    if (got !== 'unchanged') return this.settle(request, key, got)
    const had = last && this.had(last.sha256, request)
    if (had) {
      writeAddress(this.cache.ports.disk, this.cache.places.address(url), { ...last, at: this.cache.ports.clock.now() })
      return had
    }
    const again = await this.request(request, key, undefined)
    if (again === 'unchanged') throw new Error(`${url}: the server was not asked whether it is unchanged, and says so`)
    return this.settle(request, key, again)
  }

  private request({ url, wanted, asker }: Request, key: Sha256, last: AddressEntry | undefined) {
    const { disk, http } = this.cache.ports
    const { to: _, ...limits } = wanted
    const into = this.cache.places.partial(key)
    this.cache.writing(() => makeFolder(disk, this.cache.places.partials))
    for (const path of [into, `${into}.json`]) {
      // A link would lead what is written to another place.
      if ((disk.identity(path)?.kind ?? 'file') !== 'file') disk.remove(path)
    }
    const { signal } = asker
    return http.download(url, { ...limits, into, signal, ...(last ? { unless: last.validator } : {}) })
  }

  private settle({ url, wanted, asker }: Request, key: Sha256, got: Downloaded): Had {
    const { cache, contents } = this
    const { disk, clock } = cache.ports
    const { sha256: sum, size, validator } = got
    const into = cache.places.partial(key)
    cache.uses.mark(sum, cache.owner(asker.task))
    contents.put(sum, into)
    disk.remove(`${into}.json`)
    const at = clock.now()
    const shown = asker.mask(shownUrl(url))
    contents.note(sum, cache.use(asker), { url: shown, at })
    writeAddress(disk, cache.places.address(url), { url: shown, sha256: sum, size, validator, at })
    if (wanted.to !== undefined) contents.place(sum, wanted.to)
    return { path: wanted.to ?? cache.places.content(sum), size, sha256: sum, from: 'network' }
  }

  private address(url: string): AddressEntry | undefined {
    return readAddress(this.cache.ports.disk, this.cache.places.address(url))
  }

  /** Of what is still there, and can be compared with what the server has. */
  private known(url: string): AddressEntry | undefined {
    const last = this.address(url)
    if (!last || this.contents.size(last.sha256) === undefined) return undefined
    return Object.keys(last.validator).length > 0 ? last : undefined
  }

  /** Another one whenever the server has answered. */
  private version(url: string): string {
    const identity = this.cache.ports.disk.identity(this.cache.places.address(url))
    return identity ? `${identity.inode} ${identity.mtime} ${identity.ctime}` : ''
  }
}
