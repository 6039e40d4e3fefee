import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { zipOf } from './archive.ts'

/** What the next answers to a path are, instead of the file. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  /** Announces the whole length and breaks off after so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Accepts the request, sends so many bytes (-1: not even a header), and then nothing. */
  | { readonly kind: 'hang'; readonly after: number }

/** A release mirror on loopback with the vendor's layout. */
export interface Mirror {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** The paths that were asked for, in order. */
  readonly requests: readonly string[]
  /** Serves a file under any path (`/a/b`). */
  put(path: string, content: string | Uint8Array): void
  /** Publishes a release: the zip with the binary and a licence in it, and its sums. Answers the zip's path and sum, the path of the sums and what they are. */
  release(
    product: string,
    version: string,
    options?: ReleaseOptions,
  ): { readonly path: string; readonly sha256: string; readonly sums: string; readonly list: string }
  /** Answers requests for `path` by the fault, `times` times (default always). */
  fail(path: string, fault: Fault, times?: number): void
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

export async function startMirror(): Promise<Mirror> {
  const files = new Map<string, Buffer>()
  const faults = new Map<string, { readonly fault: Fault; left: number }>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(path)
    const planned = faults.get(path)
    if (planned && planned.left > 0) {
      planned.left -= 1
      misbehave(planned.fault, files.get(path) ?? Buffer.from('nothing'), request, response)
      return
    }
    const content = files.get(path)
    if (content) response.writeHead(200, { 'content-length': content.length }).end(content)
    else response.writeHead(404).end('no such file')
  })
  const url = await listen(server)
  return {
    url,
    requests,
    put: (path, content) => void files.set(path, Buffer.from(content)),
    fail: (path, fault, times = Number.POSITIVE_INFINITY) => void faults.set(path, { fault, left: times }),
    release(product, version, options = {}) {
      const { binary = fakeBinary(product, version), arch = process.arch === 'x64' ? 'amd64' : process.arch } = options
      const zip = Buffer.from(options.zip ?? releaseZip(product, binary))
      const sha256 = sumOf(options.wrongSum ? 'something else' : zip)
      const file = `${product}_${version}_linux_${arch}.zip`
      const folder = `/${product}/${version}`
      files.set(`${folder}/${file}`, zip)
      const others = `${sumOf('another')}  ${product}_${version}_plan9_mips.zip\n`
      const [sums, list] = [`${folder}/${product}_${version}_SHA256SUMS`, `${others}${sha256}  ${file}\n`]
      files.set(sums, Buffer.from(list))
      return { path: `${folder}/${file}`, sha256, sums, list }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function misbehave(fault: Fault, content: Buffer, request: IncomingMessage, response: ServerResponse): void {
  if (fault.kind === 'status') {
    response.writeHead(fault.status).end()
    return
  }
  if (fault.kind === 'hang' && fault.after < 0) return
  response.writeHead(200, { 'content-length': content.length })
  response.write(content.subarray(0, fault.after), () => {
    if (fault.kind === 'cut') request.socket.destroy()
  })
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '')
    })
  })
}
