import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listen, stop } from './mirror.ts'

/** A proxy on loopback: forwards plain requests, and tunnels what is asked for with CONNECT. */
export interface ProxyServer {
  readonly url: string
  /** `GET http://…`, `CONNECT <host>:<port>`, in order. */
  readonly asked: readonly string[]
  /** What ProxyServer-Authorization said, each time. */
  readonly authorizations: readonly (string | undefined)[]
  close(): Promise<void>
}

export interface ProxyOptions {
  /** Takes a CONNECT and never answers. */
  readonly silent?: boolean
  /** Answers every CONNECT and every request by this status. */
  readonly status?: number
  /** Where names lead that no machine has: `example.invalid` → a port on loopback. */
  readonly hosts?: Readonly<Record<string, number>>
}

export async function startProxy({ silent = false, status, hosts = {} }: ProxyOptions = {}): Promise<ProxyServer> {
  const asked: string[] = []
  const authorizations: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const place = (hostname: string, port: string) =>
    hosts[hostname] === undefined
      ? { host: hostname, port: Number(port) }
      : { host: '127.0.0.1', port: hosts[hostname] }
  const note = (message: IncomingMessage) => {
    asked.push(`${message.method} ${message.url}`)
    authorizations.push(message.headers['proxy-authorization'])
  }
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    note(message)
    if (status !== undefined) return void response.writeHead(status).end()
    const url = new URL(message.url ?? '')
    const { 'proxy-authorization': _, ...headers } = message.headers
    const onward = request({ ...place(url.hostname, url.port), path: `${url.pathname}${url.search}`, headers })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end()
  })
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    note(message)
    sockets.add(socket)
    socket.on('error', () => {})
    if (silent) return
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const [hostname = '', port = ''] = (message.url ?? '').split(':')
    const onward = connect(place(hostname, port), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    authorizations,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return stop(server)
    },
  }
}
