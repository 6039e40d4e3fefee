import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeDisk } from '../../src/adapters/node-disk.ts'
import { sqliteLocks } from '../../src/adapters/sqlite-lock.ts'
import { type Asker, Downloads, type Had, type Wanted } from '../../src/downloads/downloads.ts'
import { Places } from '../../src/downloads/places.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { JumpingClock } from './clock.ts'
import { FakeHttp } from './fake-http.ts'
import { testFolder } from './folder.ts'

export interface Ask extends Partial<Wanted> {
  readonly task?: string
  readonly signal?: AbortSignal
}

interface LakituOptions {
  readonly offline?: boolean
  readonly root?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly disk?: Partial<Disk>
}

/** The downloads of one lakitu, and what its tasks were told. */
export class TestLakitu {
  readonly downloads: Downloads
  readonly said: string[] = []

  constructor(
    http: FakeHttp,
    clock: JumpingClock,
    { root = '', offline = false, environment = {}, disk = {} }: LakituOptions,
  ) {
    const ports = { disk: { ...nodeDisk, ...disk }, locks: sqliteLocks, http, clock, environment }
    this.downloads = new Downloads(ports, { root, offline })
  }

  asker(task = 'a-task', signal = new AbortController().signal, about = 'the file'): Asker {
    const tell = (text: string) => void this.said.push(`${task}: ${text}`)
    return { task, about, signal, log: tell, warn: tell, mask: (text) => text.replaceAll('hunter2', '***') }
  }

  fetch(url: string, { task, signal, ...wanted }: Ask = {}): Promise<Had> {
    const limits = { maxSize: 1e6, connectTimeout: 1, silenceTimeout: 1, onProgress: () => {} }
    return this.downloads.fetch(url, { ...limits, ...wanted }, this.asker(task, signal))
  }

  keep(name: string, fill: (folder: string) => Promise<void>, fillsOffline = false): Promise<string> {
    return this.downloads.keep({ name, fill, fillsOffline, asker: this.asker() })
  }
}

/** A project's folder, and servers for it. */
export class DownloadsLab {
  readonly root: string
  readonly http = new FakeHttp()
  readonly clock = new JumpingClock()
  readonly places: Places

  constructor(root: string) {
    this.root = root
    this.places = new Places(join(root, '.cache', 'downloads'))
  }

  /** As a process of its own would have it. */
  lakitu(options: LakituOptions = {}): TestLakitu {
    return new TestLakitu(this.http, this.clock, { root: this.root, ...options })
  }

  path(path: string): string {
    return join(this.root, path)
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  has(path: string): boolean {
    return existsSync(this.path(path))
  }
}

export async function downloadsLab(): Promise<DownloadsLab> {
  return new DownloadsLab(await testFolder())
}
