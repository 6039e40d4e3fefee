import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { LakituError } from '../../src/model/error.ts'
import type { Downloaded, DownloadOptions, Http, Validator } from '../../src/ports/http.ts'
import { type Sha256, sha256 } from '../../src/util/digest.ts'

interface Served {
  readonly content: Buffer
  readonly validator: Validator
}

/** A transfer that stands still in its middle. */
export interface Held {
  /** Half of it is written. */
  readonly reached: Promise<void>
  release(): void
}

/** Servers that are not there: keeps the promises of the port on the real disk, and counts what it was asked for. */
export class FakeHttp implements Http {
  /** Each request. */
  readonly asked: string[] = []
  /** Each transfer of bytes: from where on. */
  readonly transfers: { readonly url: string; readonly from: number }[] = []
  private readonly files = new Map<string, Served>()
  private readonly holds = new Map<string, { readonly reach: () => void; readonly released: Promise<void> }>()

  serve(url: string, text: string, validator?: Validator): Sha256 {
    const content = Buffer.from(text)
    this.files.set(url, { content, validator: validator ?? { etag: `"${sha256(content)}"` } })
    return sha256(content)
  }

  /** The next transfer stands still in its middle. */
  hold(url: string): Held {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    this.holds.set(url, { reach: () => reached.resolve(), released: released.promise })
    return { reached: reached.promise, release: () => released.resolve() }
  }

  /** The next transfer fails in its middle, with half of it written. */
  fail(url: string, error: Error): void {
    this.holds.set(url, { reach: () => {}, released: Promise.reject(error) })
  }

  async text(url: string): Promise<string> {
    this.asked.push(url)
    return this.found(url).content.toString()
  }

  async size(url: string): Promise<number | undefined> {
    this.asked.push(url)
    return this.found(url).content.length
  }

  async download(url: string, options: DownloadOptions): Promise<Downloaded | 'unchanged'> {
    const { into, unless, signal, onProgress } = options
    this.asked.push(url)
    const { content, validator } = this.found(url)
    if (unless?.etag !== undefined && unless.etag === validator.etag) return 'unchanged'
    const note = JSON.stringify([url, validator])
    const continues = existsSync(`${into}.json`) && readFileSync(`${into}.json`, 'utf8') === note
    let done: Uint8Array = continues && existsSync(into) ? readFileSync(into) : Buffer.alloc(0)
    this.transfers.push({ url, from: done.length })
    writeFileSync(`${into}.json`, note)
    for (const end of [Math.floor(content.length / 2), content.length]) {
      if (done.length < end) done = content.subarray(0, end)
      writeFileSync(into, done)
      onProgress(done.length, content.length, 1000)
      if (end < content.length) await this.middle(url, signal)
    }
    const sum = sha256(content)
    if (options.sha256 !== undefined && options.sha256 !== sum) {
      for (const path of [into, `${into}.json`]) rmSync(path, { force: true })
      throw new LakituError({ code: 'E_WRONG_SUM', headline: 'A wrong sum', facts: { url } })
    }
    return { size: content.length, sha256: sum, validator }
  }

  private async middle(url: string, signal: AbortSignal): Promise<void> {
    const hold = this.holds.get(url)
    this.holds.delete(url)
    hold?.reach()
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    if (hold) await Promise.race([hold.released, aborted])
    signal.throwIfAborted()
  }

  private found(url: string): Served {
    const served = this.files.get(url)
    if (served) return served
    throw new LakituError({ code: 'E_HTTP_STATUS', headline: 'No such file', facts: { url }, family: 'world' })
  }
}
