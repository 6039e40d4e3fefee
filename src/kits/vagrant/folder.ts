import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What Vagrant keeps of one machine in the project: `.vagrant/machines/<host>/<provider>`. */
export function machineFolder(root: string, host: string, provider: string): string {
  return join(root, '.vagrant/machines', host, provider)
}

/** Vagrant's id of the machine; undefined where it knows none, or where the folder was copied from another project. */
export function idOf(root: string, host: string, provider: string): string | undefined {
  const folder = machineFolder(root, host, provider)
  const of = text(join(folder, 'vagrant_cwd'))
  return of === undefined || of === root || of === realpathSync(root) ? text(join(folder, 'id')) : undefined
}

/** New each time that Vagrant makes the machine. */
export function indexUuid(root: string, host: string, provider: string): string | undefined {
  return text(join(machineFolder(root, host, provider), 'index_uuid'))
}

/** Tells Vagrant that a machine is there and its own. */
export function adopt(
  root: string,
  { host, id, provider }: { readonly host: string; readonly id: string; readonly provider: string },
): void {
  const folder = machineFolder(root, host, provider)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'id'), id)
  writeFileSync(join(folder, 'vagrant_cwd'), realpathSync(root))
}

/** Drops what Vagrant keeps of a machine that is gone. */
export function disown(root: string, host: string, provider: string): void {
  rmSync(machineFolder(root, host, provider), { recursive: true, force: true })
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined // Vagrant writes and deletes these files as machines come and go
  }
}
