import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { zipOf } from './archive.ts'
import { answer, type Content } from './mirror/answer.ts'
import type { Answered, Fault, Habits } from './mirror/faults.ts'

export type { Answered, Fault, Habits } from './mirror/faults.ts'

/** A release mirror on loopback with the vendor's layout, which misbehaves where it is told to. */
export interface Mirror {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** The paths that were asked for, in order. */
  readonly requests: readonly string[]
  /** What was answered, in order; `sent` of the last ones may still grow. */
  readonly answers: readonly Answered[]
  /** What is served, by path. */
  readonly files: Map<string, Content>
  /** Serves a file under any path (`/a/b`). */
  put(path: string, content: string | Uint8Array, habits?: Habits): void
  /** Publishes a release: the zip with the binary and a licence in it, and its sums. Answers the zip's path and sum, the path of the sums and what they are. */
  release(
    product: string,
    version: string,
    options?: ReleaseOptions,
  ): { readonly path: string; readonly sha256: string; readonly sums: string; readonly list: string }
  /** Answers requests for `path` by the fault, `times` times (default always). */
  fail(path: string, fault: Fault, times?: number): void
  /** Bytes of bodies that were sent for a path. */
  sent(path: string): number
  /** All files, plans and answers. */
  forget(): void
  close(): Promise<void>
}

export interface ReleaseOptions {
  /** What the binary is; default a shell script that says its version as the products do. */
  readonly binary?: string | Uint8Array
  /** Default this machine's architecture in the vendor's words. */
  readonly arch?: string
  /** Publishes the sum of something else. */
  readonly wrongSum?: boolean
  /** The whole zip, instead of the one that is made. */
  readonly zip?: Uint8Array
}

export interface MirrorOptions {
  /** PEM; makes it an https server. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Answers what is asked for below `/-/`, which counts as no request. */
  readonly control?: (path: string) => string
}

export function sumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** A program that answers `<product> version` in the products' way. */
export function fakeBinary(product: string, version: string): string {
  const name = product.charAt(0).toUpperCase() + product.slice(1)
  return `#!/bin/sh\necho '${name} v${version}'\n`
}

export function releaseZip(product: string, binary: string | Uint8Array): Buffer {
  return zipOf([
    { name: 'LICENSE.txt', content: 'All that may be done with it.\n' },
    { name: product, content: binary, mode: 0o755 },
  ])
}

/** The files of one release, by path, what the zip is, and the list of sums. */
export function releaseFiles(product: string, version: string, options: ReleaseOptions = {}) {
  const { binary = fakeBinary(product, version), arch = process.arch === 'x64' ? 'amd64' : process.arch } = options
  const zip = Buffer.from(options.zip ?? releaseZip(product, binary))
  const sha256 = sumOf(options.wrongSum ? 'something else' : zip)
  const file = `${product}_${version}_linux_${arch}.zip`
  const folder = `/${product}/${version}`
  const others = `${sumOf('another')}  ${product}_${version}_plan9_mips.zip\n`
  const [sums, list] = [`${folder}/${product}_${version}_SHA256SUMS`, `${others}${sha256}  ${file}\n`]
  const files = new Map<string, Content>([
    [`${folder}/${file}`, zip],
    [sums, Buffer.from(list)],
  ])
  return { files, path: `${folder}/${file}`, sha256, sums, list }
}

export async function startMirror({ tls, control }: MirrorOptions = {}): Promise<Mirror> {
  const files = new Map<string, Content>()
  const habits = new Map<string, Habits>()
  const faults = new Map<string, { readonly fault: Fault; left: number }>()
  const answers: Answered[] = []
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/'
    if (control && path.startsWith('/-/')) return void response.end(control(path))
    const seen = {
      method: request.method ?? 'GET',
      path,
      asked: request.headers,
      sent: 0,
      get status() {
        return response.statusCode
      },
    }
    answers.push(seen)
    const planned = faults.get(path)
    const fault = planned && planned.left > 0 ? planned.fault : undefined
    if (planned && fault) planned.left -= 1
    const content = files.get(path) ?? (fault ? Buffer.from('nothing') : undefined)
    if (!content) return void response.writeHead(404).end('no such file')
    const sent = (bytes: number) => {
      seen.sent += bytes
    }
    void answer({ request, response, content, habits: habits.get(path) ?? {}, fault, sent })
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  const port = await listen(server)
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    get requests() {
      return answers.map(({ path }) => path)
    },
    answers,
    files,
    put(path, content, habit = {}) {
      files.set(path, Buffer.from(content))
      habits.set(path, habit)
    },
    fail: (path, fault, times = Number.POSITIVE_INFINITY) => void faults.set(path, { fault, left: times }),
    release(product, version, options) {
      const { files: made, ...published } = releaseFiles(product, version, options)
      for (const [name, content] of made) files.set(name, content)
      return published
    },
    sent: (path) => answers.reduce((sum, seen) => sum + (seen.path === path ? seen.sent : 0), 0),
    forget() {
      for (const all of [files, habits, faults]) all.clear()
      answers.length = 0
    },
    close: () => stop(server),
  }
}

/** On loopback, at any port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

export async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
