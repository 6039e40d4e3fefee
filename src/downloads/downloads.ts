import { type Asker, Cache, type CachePorts } from './cache.ts'
import { type Evicted, evict, type Survey, survey } from './care.ts'
import { offlineAsked } from './errors.ts'
import { Fetching, type Had, type Wanted } from './fetching.ts'
import { Flights } from './flights.ts'
import { type Keep, Keeping } from './keeping.ts'

export type { Asker } from './cache.ts'
export type { Had, Wanted } from './fetching.ts'

export interface DownloadsOptions {
  /** The project's root. */
  readonly root: string
  /** No request is made. */
  readonly offline: boolean
}

interface Parts {
  readonly cache: Cache
  readonly fetching: Fetching
  readonly keeping: Keeping
}

/** What is downloaded, once for all that want it. Made when it is first needed: a wrong LAKITU_CACHE_DIR is no error of `lakitu list`. */
export class Downloads {
  readonly offline: boolean
  private readonly ports: CachePorts
  private readonly root: string
  private made: Parts | undefined
  /** Whether something came into the cache since it was last brought below its limit. */
  private grown = false

  constructor(ports: CachePorts, { root, offline }: DownloadsOptions) {
    this.ports = ports
    this.root = root
    this.offline = offline
  }

  async fetch(url: string, wanted: Wanted, asker: Asker): Promise<Had> {
    const had = await this.parts().fetching.fetch({ url, wanted, asker })
    if (had.from === 'network') this.grown = true
    return had
  }

  keep(keep: Keep): Promise<string> {
    const fill = (folder: string) => {
      this.grown = true
      return keep.fill(folder)
    }
    return this.parts().keeping.keep({ ...keep, fill })
  }

  async text(url: string, signal: AbortSignal): Promise<string> {
    if (this.offline) throw offlineAsked('A text is to be read from the network', url)
    return this.ports.http.text(url, { maxSize: 4 << 20, signal })
  }

  async size(url: string, signal: AbortSignal): Promise<number | undefined> {
    if (this.offline) throw offlineAsked('A server is to tell the size of a file', url)
    return this.ports.http.size(url, { signal })
  }

  survey(): Survey {
    return survey(this.parts().cache)
  }

  /** What was used longest ago goes, until the cache is below its limit, in bytes; nothing that a running lakitu uses. */
  evict(limit: number): Evicted {
    return evict(this.parts().cache, limit)
  }

  /**
   * At the end of a run: brings the cache below its limit where something came into it, and lets go of what the run used. A disk that
   * fails costs no more than that.
   */
  end(limit: number): void {
    if (!this.made) return
    try {
      if (this.grown) this.evict(limit)
      this.grown = false
    } catch {
      // The next run that downloads something comes here again.
    } finally {
      this.made.cache.uses.close()
    }
  }

  private parts(): Parts {
    if (this.made) return this.made
    const cache = new Cache(this.ports, this.root)
    const flights = new Flights(cache)
    const fetching = new Fetching(cache, flights, this.offline)
    this.made = { cache, fetching, keeping: new Keeping(cache, flights, this.offline) }
    return this.made
  }
}
