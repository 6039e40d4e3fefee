import { createServer } from 'node:net'

/** A server on loopback that says this to whoever comes, as an ssh server does. */
export async function listening(greeting: string): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => socket.end(greeting)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, close: () => server.close() }
}
