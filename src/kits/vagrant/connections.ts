import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Connection, MachinesSpec, Provider } from '../cluster/index.ts'
import { machineFolder } from './folder.ts'

export interface ConnectionOptions {
  readonly root: string
  readonly provider: Provider
  /** Absolute path of the key that Vagrant's boxes let in. */
  readonly boxKey: string | undefined
}

/**
 * How each host is reached: always at its own address, never at a forwarded port. The key: the one that the
 * specification names, else the one that Vagrant made for the machine, else that of the box.
 */
export function connectionsOf(spec: MachinesSpec, options: ConnectionOptions): Readonly<Record<string, Connection>> {
  return Object.fromEntries(
    spec.hosts.map(({ host, address, port, user, key }) => {
      const path = key === undefined ? ownKey(host, options) : fromHome(key, options.root)
      return [host, { address, port, user, ...(path === undefined ? {} : { key: path }) }]
    }),
  )
}

function ownKey(host: string, { root, provider, boxKey }: ConnectionOptions): string | undefined {
  if (provider === 'ssh') return undefined
  const made = join(machineFolder(root, host, provider), 'private_key')
  return existsSync(made) ? made : boxKey
}

function fromHome(path: string, root: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(root, path)
}
