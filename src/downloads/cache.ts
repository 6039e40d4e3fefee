import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Http } from '../ports/http.ts'
import type { HeldLock, LockOwner, Locks } from '../ports/locks.ts'
import type { Sha256 } from '../util/digest.ts'
import type { Use } from './entries.ts'
import { folderError } from './errors.ts'
import { downloadsFolder, folderVariable, Places } from './places.ts'
import { Uses } from './uses.ts'

export interface CachePorts {
  readonly disk: Disk
  readonly locks: Locks
  readonly http: Http
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Who asks for something, and how it is told. */
export interface Asker {
  readonly task: string
  /** What is asked for, in the words of the task. */
  readonly about: string
  readonly signal: AbortSignal
  log(text: string): void
  warn(text: string): void
  /** Takes secrets out of what stands in a file. */
  mask(text: string): string
}

/** A cache of downloads, as this process has it. Error: E_DOWNLOADS_FOLDER. */
export class Cache {
  readonly ports: CachePorts
  readonly places: Places
  readonly root: string
  readonly uses: Uses

  constructor(ports: CachePorts, root: string) {
    this.ports = ports
    this.root = root
    this.places = new Places(downloadsFolder(root, ports.environment))
    this.uses = new Uses(ports.disk, ports.locks, this.places.uses)
  }

  owner(command: string): LockOwner {
    return { pid: process.pid, command, since: this.ports.clock.now() }
  }

  /** The lock of what this key stands for; undefined where another lakitu has it. */
  lock(key: Sha256, owner: LockOwner): HeldLock | undefined {
    return this.writing(() => this.ports.locks.take(this.places.lock(key), owner))
  }

  /** Says which folder it is that cannot be written. Error: E_DOWNLOADS_FOLDER. */
  writing<T>(write: () => T): T {
    try {
      return write()
    } catch (error) {
      throw folderError(this.places.folder, Boolean(this.ports.environment[folderVariable]), error)
    }
  }

  use({ task, about, mask }: Asker): Use {
    return { project: this.root, task, about: mask(about) }
  }
}
